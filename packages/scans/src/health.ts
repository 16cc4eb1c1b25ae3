import { requireAgreeingClock } from '@nmcp/queue';
import {
  checkHealth,
  folderIsWritable,
  type HealthReport,
  readGauges,
  type ScannerHealth,
  scannersHealth,
} from '@nmcp/telemetry';
import type { Services } from './services.ts';

/** Whether the stores are usable. It needs no token, so it reveals nothing about what is scanned. */
export function checkStores({
  queue,
  tasks,
  clock,
}: Pick<Services, 'queue' | 'tasks' | 'clock'>): Promise<HealthReport> {
  return checkHealth({
    redis: () => queue.ping(), // v3.0's name for the queue's store, Redis or not
    clock: () => requireAgreeingClock(queue, clock),
    filesystem: folderIsWritable(tasks.dataDir),
  });
}

/** The state of the scanners. */
export function checkScanners({ registry }: Pick<Services, 'registry'>): Promise<ScannerHealth[]> {
  return scannersHealth(registry);
}

/** The metrics as Prometheus reads them, with the gauges as they are now. */
export function exposeMetrics(
  services: Pick<Services, 'metrics' | 'queue' | 'registry' | 'clock'>,
): Promise<string> {
  return services.metrics.expose(() => readGauges(services));
}

/**
 * A key for a purpose, such as signing forms, derived from the server's secret key: the same in every process that has that
 * key, and unknown to everyone else.
 */
export function deriveKey({ vault }: Pick<Services, 'vault'>, purpose: string): Promise<string> {
  return vault.fingerprint(purpose);
}
