import {
  checkHealth,
  folderIsWritable,
  type HealthReport,
  readGauges,
  type ScannerHealth,
  scannersHealth,
} from '@nmcp/telemetry';
import type { Services } from './services.ts';

/** Whether the stores can be used. Who asks needs no token, so it says nothing of what is scanned. */
export function checkStores({ queue, tasks }: Pick<Services, 'queue' | 'tasks'>): Promise<HealthReport> {
  return checkHealth({
    redis: () => queue.ping(), // v3.0's name for the queue's store, whichever it is
    filesystem: folderIsWritable(tasks.dataDir),
  });
}

/** How the scanners are. */
export function checkScanners({ registry }: Pick<Services, 'registry'>): Promise<ScannerHealth[]> {
  return scannersHealth(registry);
}

/** The metrics as Prometheus reads them, with the gauges as they are now. */
export function exposeMetrics(services: Pick<Services, 'metrics' | 'queue' | 'registry'>): Promise<string> {
  return services.metrics.expose(() => readGauges(services));
}

/**
 * A key of the server for a purpose, such as signing forms: the same in every process that has the server's secret key, and
 * nobody else can make it.
 */
export function deriveKey({ vault }: Pick<Services, 'vault'>, purpose: string): Promise<string> {
  return vault.fingerprint(purpose);
}
