/**
 * A worker: it claims tasks, runs them, and does the housekeeping.
 *
 * @module
 */
import { createHousekeeper, createRunner, type Runner } from '@nmcp/runner';
import type { Services } from '@nmcp/scans';
import type { Settings } from '@nmcp/settings';

export { serveWorkerStatus } from './worker_status.ts';

/** Options of {@linkcode startWorker}, which override the settings. */
export interface WorkerOptions {
  /** Longest interval between polls of a running scan, in milliseconds. */
  pollMs?: number | undefined;
  /** Shortest one. */
  minPollMs?: number | undefined;
}

/**
 * Starts a worker.
 *
 * @throws {NmcpError} `not_found` for a pool of WORKER_POOLS that is not configured
 */
export function startWorker(services: Services, settings: Settings, options: WorkerOptions = {}): Runner {
  const { housekeeping } = settings;
  const runner = createRunner({
    ...services,
    pools: settings.workerPools?.map((name) => services.registry.requirePool(name)),
    pollMs: options.pollMs ?? settings.pollSeconds * 1000,
    minPollMs: options.minPollMs,
    // a call that was given up arrives, if it does, well within a third more
    observeMs: settings.scannerCallSeconds * 1300 + 1000,
    goneMs: settings.scanGoneMinutes * 60_000,
    leaseMs: settings.leaseSeconds * 1000,
    scanTimeoutMs: settings.scanTimeoutHours * 3_600_000,
    maxExportBytes: settings.exportMaxGigabytes * 1e9,
  });
  const housekeeper = housekeeping.enabled ? createHousekeeper({ ...services, ...housekeeping }) : undefined;
  const stop = async (graceMs?: number): Promise<number> => {
    const [held] = await Promise.all([runner.stop(graceMs), housekeeper?.stop()]);
    return held;
  };
  return {
    get lastTurnAt() {
      return runner.lastTurnAt;
    },
    seen: runner.seen,
    get active() {
      return runner.active;
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}
