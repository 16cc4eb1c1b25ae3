import type { GaugeReading } from '@nmcp/telemetry';
import type { Services } from '../services.ts';

/** Reads from the stores what the gauges show. */
export async function readGauges({
  registry,
  queue,
}: Pick<Services, 'registry' | 'queue'>): Promise<GaugeReading> {
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
