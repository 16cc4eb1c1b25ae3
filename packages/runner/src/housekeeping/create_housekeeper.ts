import { requireAgreeingClock } from '@nmcp/queue';
import type { Logger, Metrics } from '@nmcp/telemetry';
import { messageOf } from '@nmcp/types';
import { underLease } from '../under_lease.ts';
import type { HousekeepingOptions, HousekeepingReport } from './housekeeping_types.ts';
import { runHousekeeping } from './run_housekeeping.ts';

/** Options of {@linkcode createHousekeeper}. */
export interface HousekeeperOptions extends Omit<HousekeepingOptions, 'dryRun' | 'signal' | 'sparesWaiting'> {
  /** Milliseconds between two runs, over all workers. */
  intervalMs: number;
  /** Name of this process that no other has. */
  consumer: string;
  metrics: Metrics;
  log: Logger;
  /** Milliseconds after which another worker takes over when this one is gone. @default 60000 */
  leaseMs?: number | undefined;
}

/** Runs the housekeeping from time to time. */
export interface Housekeeper extends AsyncDisposable {
  /** Runs it now, unless it was done within the interval or somebody else is at it. */
  runIfDue(): Promise<HousekeepingReport | undefined>;
  /** Ends the run under way after its step, and begins no other. */
  stop(): Promise<void>;
}

/** Name of the lease of whoever does the housekeeping; a slot like those of scanners, of which there is one. */
export const HOUSEKEEPING_LEASE = 'nmcp:housekeeping';
/** A process looks at least so often whether it is time. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Does something, such as the housekeeping, while nobody else does.
 *
 * @param action gets a signal that says when the lease is lost
 * @returns `undefined` when somebody else is at it
 */
export async function underHousekeepingLease<T>(
  options: Pick<HousekeeperOptions, 'queue' | 'consumer' | 'leaseMs'>,
  action: (lost: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  return (await underLease(HOUSEKEEPING_LEASE, options, action))?.value;
}

/** Makes a housekeeper, of which one over all workers is at work at a time. The first run comes soon after the start. */
export function createHousekeeper(options: HousekeeperOptions): Housekeeper {
  return new LeasedHousekeeper(options);
}

class LeasedHousekeeper implements Housekeeper {
  readonly #options: HousekeeperOptions;
  readonly #stopping = new AbortController();
  readonly #begun = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #running: Promise<HousekeepingReport | undefined> = Promise.resolve(undefined);

  constructor(options: HousekeeperOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.runIfDue(), Math.min(options.intervalMs, LONGEST_WAIT_MS));
    void this.runIfDue();
  }

  runIfDue(): Promise<HousekeepingReport | undefined> {
    this.#running = this.#running
      .then(() => this.#runIfDue())
      .catch((error: unknown) => {
        this.#options.metrics.housekeepingRuns.inc({ outcome: 'error' });
        this.#options.log.error({ reason: messageOf(error) }, 'housekeeping failed');
        return undefined;
      });
    return this.#running;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #runIfDue(): Promise<HousekeepingReport | undefined> {
    const { queue, intervalMs, clock } = this.#options;
    if (this.#stopping.signal.aborted) return undefined;
    const [usage] = await queue.slots.usage([HOUSEKEEPING_LEASE]);
    // a time to come was written before the clock was set back
    if (usage && Math.abs((await queue.now()) - usage.lastUsed) < intervalMs) return undefined;
    // it would remove by a wrong time
    await requireAgreeingClock(queue, clock);
    return await underHousekeepingLease(this.#options, (lost) =>
      this.#run(AbortSignal.any([this.#stopping.signal, lost])),
    );
  }

  async #run(signal: AbortSignal): Promise<HousekeepingReport> {
    const { metrics, log } = this.#options;
    const begun = performance.now();
    const sparesWaiting = begun - this.#begun < this.#options.intervalMs;
    const report = await runHousekeeping({ ...this.#options, sparesWaiting, signal });
    const { scans, policies, stale, expired, problems } = report;
    metrics.ttlDeletions.inc(expired.length);
    metrics.housekeepingRemovals.inc({ kind: 'expired_task' }, expired.length);
    metrics.housekeepingRemovals.inc({ kind: 'stale_task' }, stale.length);
    metrics.housekeepingRemovals.inc({ kind: 'scanner_scan' }, scans.length);
    metrics.housekeepingRemovals.inc({ kind: 'policy' }, policies.length);
    metrics.housekeepingRuns.inc({ outcome: problems.length === 0 ? 'success' : 'problems' });
    metrics.housekeepingDuration.observe((performance.now() - begun) / 1000);
    if (scans.length + policies.length + stale.length + expired.length + problems.length > 0)
      log.info(
        { scans: scans.length, policies: policies.length, stale, expired: expired.length, problems },
        'kept house',
      );
    return report;
  }
}
