import type { Clock, PoolName, PoolStatusOutput } from '@nmcp/types';
import type { GaugeReading } from './gauges.ts';

/** What the gauges are read from. */
export interface GaugeSources {
  /** This machine's clock. */
  clock: Clock;
  registry: { pools(): PoolName[]; status(pool: PoolName): Promise<PoolStatusOutput> };
  queue: {
    ping(): Promise<void>;
    now(): Promise<number>;
    depth(pool: PoolName): Promise<number>;
    deadLetterCount(pool: PoolName): Promise<number>;
  };
}

/** Reads from the stores what the gauges show. */
export async function readGauges({ registry, queue, clock }: GaugeSources): Promise<GaugeReading> {
  const begun = performance.now();
  await queue.ping();
  const storeSeconds = (performance.now() - begun) / 1000;
  const storeNow = await queue.now();
  const skewSeconds = (clock() - storeNow) / 1000;
  const pools = await Promise.all(
    registry.pools().map(async (name) => {
      const [status, queueDepth, dlqDepth] = await Promise.all([
        registry.status(name),
        queue.depth(name),
        queue.deadLetterCount(name),
      ]);
      return {
        name,
        queueDepth,
        dlqDepth,
        capacity: status.total_capacity,
        active: status.total_active,
        scanners: status.scanners,
      };
    }),
  );
  return {
    activeScans: pools.reduce((sum, pool) => sum + pool.active, 0),
    storeSeconds,
    skewSeconds,
    pools,
    scanners: pools.flatMap((pool) =>
      pool.scanners.map((scanner) => ({
        key: scanner.instance_key,
        type: scanner.scanner_type,
        enabled: scanner.enabled,
        active: scanner.active_scans,
        capacity: scanner.max_concurrent_scans,
        utilizationPct: scanner.utilization_pct,
        circuit: scanner.circuit,
      })),
    ),
  };
}
