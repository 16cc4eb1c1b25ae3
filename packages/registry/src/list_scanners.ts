import type { CircuitReading } from '@nmcp/queue';
import { type PoolStatusOutput, type ScannerListing, scannerTypeOf } from '@nmcp/types';
import { keyOf, type ScannerConfig } from './scanner_config.ts';
import { drainedKeys, type ScannerLoad, usageByKey } from './scanner_load.ts';

/** Scanners with their load. */
export async function listScanners(
  configs: readonly ScannerConfig[],
  { slots, circuits, drains }: ScannerLoad,
): Promise<ScannerListing[]> {
  const [usage, states, drained] = await Promise.all([
    usageByKey(slots, configs),
    circuits.states(configs.map(keyOf)),
    drainedKeys(drains),
  ]);
  return configs.map((config, i) =>
    listing(config, {
      active: usage.get(keyOf(config))?.active ?? 0,
      circuit: states[i]?.state ?? 'closed',
      reason: states[i]?.reason,
      drained: drained.has(keyOf(config)),
    }),
  );
}

/** A pool's load, from that of all its scanners. */
export function poolStatus(pool: string, scanners: ScannerListing[]): PoolStatusOutput {
  const enabled = scanners.filter((scanner) => scanner.enabled);
  const total_capacity = enabled.reduce((sum, scanner) => sum + scanner.max_concurrent_scans, 0);
  const total_active = scanners.reduce((sum, scanner) => sum + scanner.active_scans, 0);
  return {
    pool,
    scanner_type: scannerTypeOf(pool),
    total_scanners: scanners.length,
    total_capacity,
    total_active,
    available_capacity: enabled.reduce((sum, scanner) => sum + scanner.available_capacity, 0),
    utilization_pct: percent(total_active, total_capacity),
    scanners,
  };
}

/** Scans that a circuit breaker lets through. */
const ROOM: Readonly<Record<CircuitReading['state'], number>> = {
  closed: Number.POSITIVE_INFINITY,
  'half-open': 1,
  open: 0,
};

interface Reading {
  active: number;
  circuit: CircuitReading['state'];
  reason: string | undefined;
  drained: boolean;
}

function listing(config: ScannerConfig, { active, circuit, reason, drained }: Reading): ScannerListing {
  const { scanner_type, pool, instance_id, name, url, enabled, max_concurrent_scans } = config;
  return {
    scanner_type,
    pool,
    instance_id,
    instance_key: keyOf(config),
    name,
    url: withoutLogin(url),
    enabled,
    max_concurrent_scans,
    active_scans: active,
    available_capacity:
      enabled && !drained ? Math.min(ROOM[circuit], Math.max(0, max_concurrent_scans - active)) : 0,
    utilization_pct: percent(active, max_concurrent_scans),
    circuit,
    ...(reason === undefined ? {} : { problem: reason }),
    drained,
  };
}

/** A URL can contain a user and a password, which must not be shown. */
export function withoutLogin(url: string): string {
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** Percent with one decimal. */
function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((1000 * part) / whole) / 10;
}
