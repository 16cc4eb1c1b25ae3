import { type PoolName, scannerAddress } from '@nmcp/types';
import { keyOf, type ScannerConfig } from './scanner_config.ts';
import { drainedKeys, type ScannerLoad, usageByKey } from './scanner_load.ts';
import type { ScannerPools } from './scanner_pools.ts';
import type { AcquireOptions } from './scanner_registry.ts';

/** Scanners that may take a task, best first. A task for a disabled or drained scanner waits until it is back. */
export async function chooseScanners(
  pools: ScannerPools,
  pool: PoolName,
  { instanceId, address, resumes = false }: AcquireOptions,
  load: ScannerLoad,
): Promise<readonly ScannerConfig[]> {
  if (instanceId === undefined) return await rankScanners(pools.of(pool), load);
  const renamed = (): ScannerConfig | undefined =>
    pools.of(pool).find(({ url }) => scannerAddress(url) === address) ?? pools.findRetired(pool, instanceId);
  const config = pools.find(pool, instanceId) ?? (resumes ? renamed() : undefined);
  if (!config) throw pools.notFound(pool, instanceId, 'was not found');
  if (resumes) return [config];
  return config.enabled && !(await drainedKeys(load.drains)).has(keyOf(config)) ? [config] : [];
}

/** The scanners that accept new scans: the least utilised first, then the least recently used. */
export async function rankScanners(
  configs: readonly ScannerConfig[],
  { slots, drains }: ScannerLoad,
): Promise<ScannerConfig[]> {
  const all = configs.filter((config) => config.enabled);
  const [usage, drained] = await Promise.all([usageByKey(slots, all), drainedKeys(drains)]);
  const enabled = all.filter((config) => !drained.has(keyOf(config)));
  const utilisation = (config: ScannerConfig): number =>
    (usage.get(keyOf(config))?.active ?? 0) / config.max_concurrent_scans;
  const lastUsed = (config: ScannerConfig): number => usage.get(keyOf(config))?.lastUsed ?? 0;
  return enabled.toSorted((a, b) => utilisation(a) - utilisation(b) || lastUsed(a) - lastUsed(b));
}
