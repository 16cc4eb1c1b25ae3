import type { AuditLog } from '@nmcp/audit';
import { isPassingStorageError } from '@nmcp/files';
import { createScanPolicy, resolveWithDns, type ScanPolicy } from '@nmcp/policy';
import type { Claim, TaskQueue } from '@nmcp/queue';
import type { ScannerRegistry } from '@nmcp/registry';
import type { TaskStore } from '@nmcp/tasks';
import type { Logger, Metrics } from '@nmcp/telemetry';
import { type Clock, isNmcpError, messageOf, type PoolName, systemClock } from '@nmcp/types';
import type { Vault } from '@nmcp/vault';
import { LeaseKeeper } from './lease_keeper.ts';
import { reconcile } from './reconcile.ts';
import { type RunContext, type RunSignals, TaskRun } from './run_task.ts';
import { sealClaim } from './seal_claim.ts';
import { TimerWheel } from './timer_wheel.ts';
import type { RetryPolicy } from './while_unreachable.ts';

/** Options of {@linkcode createRunner}. */
export interface RunnerOptions {
  queue: TaskQueue;
  tasks: TaskStore;
  registry: ScannerRegistry;
  metrics: Metrics;
  log: Logger;
  /** Who claims; shown to operators. Differs between workers. */
  consumer: string;
  /** @default all pools of the registry, also those of a later reload */
  pools?: readonly PoolName[] | undefined;
  /** Milliseconds after which another worker takes over from one that is gone. @default 60000 */
  leaseMs?: number | undefined;
  /** Longest time between two looks at a running scan, in milliseconds. @default 30000 */
  pollMs?: number | undefined;
  /** Shortest one, at the start of a scan. @default 250 */
  minPollMs?: number | undefined;
  /** Milliseconds after which a scan is stopped. @default 86400000 */
  scanTimeoutMs?: number | undefined;
  /** For calls to a scanner that does not answer. @default 5 tries, the first wait 1 second */
  retry?: RetryPolicy | undefined;
  /** Milliseconds between two tries while the disk takes no writes. @default 10000 */
  diskWaitMs?: number | undefined;
  /** Times that a task is begun when its workers end without a word, until it goes to the dead letters. @default 5 */
  maxAttempts?: number | undefined;
  /** Milliseconds between two comparisons of the task directories with the queue. @default 60000 */
  reconcileMs?: number | undefined;
  /** Milliseconds that a task must be old for that. @default 60000 */
  reconcileGraceMs?: number | undefined;
  /** What may be scanned, asked again at the launch. @default private networks */
  policy?: ScanPolicy | undefined;
  /** Told of every launch before it is made. */
  audit?: AuditLog | undefined;
  /** Opens credentials, and seals what a v3.0 producer wrote. */
  vault?: Vault | undefined;
  /** @default the machine's clock */
  clock?: Clock | undefined;
}

/** A runner of scans: takes tasks while its pools have room, and runs each to its end. */
export interface Runner extends AsyncDisposable {
  /** Tasks that it holds. */
  readonly active: number;
  /** When it last looked for a task, in milliseconds: it does so every few seconds, also while the queue is away. */
  readonly lastTurnAt: number;
  /**
   * Stops taking tasks, finishes the step under way of those that it holds, and gives them back. The scans go on.
   *
   * @param graceMs milliseconds after which it resolves in any case; what was not given back by then goes to another
   *   worker when its lease ends. @default 10000
   * @returns how many tasks it still holds
   */
  stop(graceMs?: number): Promise<number>;
}

/** Milliseconds for one wait for a task; between two, the pools' room is looked at again. */
const CLAIM_WAIT_MS = 5000;
/** Milliseconds between looks for a free slot, and after a failure of the store. */
const SLOT_WAIT_MS = 1000;

/** Milliseconds that a stop may take; Docker kills after as long. */
const GRACE_MS = 10_000;
/** Tasks that may wait for a slot in one process, when each waits for a scanner of its own that is busy. */
const MAX_WAITING = 200;

/** A task that this runner has claimed. */
interface HeldTask {
  pool: PoolName;
  /** The scanner that the task is for; absent: any of the pool. */
  instance: string | undefined;
  hasSlot: boolean;
}

/** Reason of ending a run: the process stops. */
class Stopping extends Error {}

/**
 * Starts running scans.
 *
 * Delivery is at least once, and every step is written down before the next: a task whose runner is gone goes back to
 * the queue when its lease ends, and the next runner goes on with the same scan.
 */
export function createRunner(options: RunnerOptions): Runner {
  return new QueueRunner(options);
}

class QueueRunner implements Runner {
  readonly #options: RunnerOptions;
  readonly #context: RunContext;
  readonly #stopping = new AbortController();
  readonly #held = new Map<Promise<void>, HeldTask>();
  readonly #loop: Promise<void>;
  readonly #reconcileTimer: ReturnType<typeof setInterval>;
  #lastTurnAt = Date.now();
  #reconciling: Promise<void> = Promise.resolve();
  /** Ends the wait for room. */
  #roomChanged: () => void = () => {};

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#context = {
      tasks: options.tasks,
      queue: options.queue,
      registry: options.registry,
      metrics: options.metrics,
      clock: options.clock ?? systemClock,
      vault: options.vault,
      audit: options.audit,
      policy: options.policy ?? createScanPolicy({ resolve: resolveWithDns }),
      wheel: new TimerWheel(),
      leaseMs: options.leaseMs ?? 60_000,
      poll: { minMs: options.minPollMs ?? 250, maxMs: options.pollMs ?? 30_000 },
      scanTimeoutMs: options.scanTimeoutMs ?? 86_400_000,
      retry: options.retry ?? { tries: 5, firstWaitMs: 1000 },
      maxAttempts: options.maxAttempts ?? 5,
      slotWaitMs: SLOT_WAIT_MS,
      diskWaitMs: options.diskWaitMs ?? 10_000,
    };
    this.#loop = this.#claimForever();
    void this.#reconcile();
    this.#reconcileTimer = setInterval(() => void this.#reconcile(), options.reconcileMs ?? 60_000);
  }

  get lastTurnAt(): number {
    return this.#stopping.signal.aborted ? Date.now() : this.#lastTurnAt;
  }

  get active(): number {
    return this.#held.size;
  }

  async stop(graceMs = GRACE_MS): Promise<number> {
    this.#stopping.abort(new Stopping('The worker stops'));
    clearInterval(this.#reconcileTimer);
    this.#roomChanged();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const grace = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, graceMs);
    });
    await Promise.race([this.#allEnded(), grace]);
    clearTimeout(timer);
    return this.#held.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #allEnded(): Promise<void> {
    await this.#reconciling;
    await this.#loop;
    await Promise.all(this.#held.keys());
  }

  /** Finds tasks that the queue has lost; several workers may do it at the same time. */
  #reconcile(): Promise<void> {
    const { tasks, queue, log, reconcileGraceMs: graceMs } = this.#options;
    this.#reconciling = this.#reconciling
      .then(async () => {
        if (this.#stopping.signal.aborted) return;
        const { problems, ...mended } = await reconcile({
          tasks,
          queue,
          clock: this.#context.clock,
          graceMs,
        });
        const count = Object.values(mended).reduce((sum, found) => sum + found.length, 0);
        if (count > 0 || problems.length > 0) log.warn({ ...mended, problems }, 'reconciled');
      })
      .catch((error: unknown) =>
        log.error({ reason: messageOf(error) }, 'the tasks could not be reconciled'),
      );
    return this.#reconciling;
  }

  async #claimForever(): Promise<void> {
    const { queue, log, consumer } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#lastTurnAt = Date.now();
      try {
        const pools = await this.#poolsWithRoom();
        if (pools.length === 0) {
          await this.#waitForRoom();
          continue;
        }
        const claim = await queue.claim(pools, {
          consumer,
          leaseMs: this.#context.leaseMs,
          waitMs: CLAIM_WAIT_MS,
          signal,
        });
        if (claim) this.#hold(claim);
      } catch (error) {
        log.error({ reason: messageOf(error) }, 'the queue did not answer');
        await this.#waitForRoom();
      }
    }
  }

  /**
   * Pools in which more slots are free than this runner holds tasks that wait for one. A task that waits for a scanner of
   * its own stands in the way of that scanner's tasks only.
   */
  async #poolsWithRoom(): Promise<PoolName[]> {
    const { registry, pools = registry.pools() } = this.#options;
    const waiting = [...this.#held.values()].filter((held) => !held.hasSlot);
    if (waiting.length >= MAX_WAITING) return [];
    const rooms = await Promise.all(
      pools.map(async (pool) => {
        const here = waiting.filter((held) => held.pool === pool);
        const { scanners } = await registry.status(pool);
        const free = scanners.reduce((sum, { instance_id, available_capacity }) => {
          const ahead = here.filter((held) => held.instance === instance_id).length;
          return sum + Math.max(0, available_capacity - ahead);
        }, 0);
        return { pool, room: free - here.filter((held) => held.instance === undefined).length };
      }),
    );
    return rooms.filter(({ room }) => room > 0).map(({ pool }) => pool);
  }

  /** Resolves when a task has ended, or after a second, since other workers free slots too. */
  async #waitForRoom(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, SLOT_WAIT_MS);
      this.#roomChanged = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stopping.signal.aborted) this.#roomChanged();
    });
  }

  #hold(claim: Claim): void {
    const held: HeldTask = {
      pool: claim.pool,
      instance: claim.entry.scanner_instance_id ?? undefined,
      hasSlot: false,
    };
    const done = this.#runClaim(claim, held).catch((error: unknown) => {
      // the store did not take the end: the lease runs out and another try finds the task as it is
      this.#options.log.error(
        { task_id: claim.entry.task_id, reason: messageOf(error) },
        'the end of a task could not be written',
      );
    });
    this.#held.set(done, held);
    void done.then(() => {
      this.#held.delete(done);
      this.#roomChanged();
    });
  }

  async #runClaim(taken: Claim, held: { hasSlot: boolean }): Promise<void> {
    const { queue, vault } = this.#options;
    let claim = taken;
    const { task_id, trace_id } = claim.entry;
    const log = this.#options.log.child({ task_id, trace_id, pool: claim.pool });
    using keeper = new LeaseKeeper({
      queue,
      claim,
      wheel: this.#context.wheel,
      leaseMs: this.#context.leaseMs,
      onFailure: (reason) => log.warn({ reason }, 'the lease could not be renewed'),
    });
    const signals = { stopping: this.#stopping.signal, lost: keeper.lost };
    const newRun = (): TaskRun =>
      new TaskRun(this.#context, claim, log, signals, (slot) => {
        held.hasSlot = true;
        keeper.holdSlot(slot);
      });
    let run = newRun();
    try {
      await this.#whileDiskRefuses(signals, log, async () => {
        claim = await sealClaim(claim, { ...this.#context, vault });
        run = newRun();
        held.hasSlot = false;
        await run.run();
      });
      await queue.complete(claim);
    } catch (error) {
      await this.#endBadly(error, run, claim, keeper, log);
    }
  }

  /** A full or read-only disk ends no task: its scan is on the scanner, and the disk will be mended. */
  async #whileDiskRefuses(signals: RunSignals, log: Logger, action: () => Promise<void>): Promise<void> {
    const { wheel, diskWaitMs, scanTimeoutMs } = this.#context;
    const giveUpAt = performance.now() + scanTimeoutMs;
    while (true) {
      try {
        return await action();
      } catch (error) {
        if (!isPassingStorageError(error) || performance.now() > giveUpAt) throw error;
        log.error({ reason: error.message }, 'the disk takes no writes; the task waits for it');
      }
      await wheel.sleep(diskWaitMs, AbortSignal.any([signals.stopping, signals.lost]));
    }
  }

  async #endBadly(
    error: unknown,
    run: TaskRun,
    claim: Claim,
    keeper: LeaseKeeper,
    log: Logger,
  ): Promise<void> {
    const { queue } = this.#options;
    if (keeper.lost.aborted || isNmcpError(error, 'stale_lease')) {
      log.warn('the lease was lost; another worker goes on');
      return;
    }
    if (this.#stopping.signal.aborted || isNmcpError(error, 'unavailable')) {
      log.info('task given back');
      await queue.giveBack(claim);
      return;
    }
    log.warn({ err: error }, 'task failed');
    await run.fail(error).catch((failure: unknown) => {
      // a later holder has it, or the disk will take it at the next try
      if (isNmcpError(failure, 'stale_lease') || isPassingStorageError(failure)) throw failure;
      if (!isNmcpError(failure, 'not_found'))
        log.error(
          { reason: messageOf(failure) },
          'task.json cannot be written; the dead letter has the reason',
        );
    });
    if (isNmcpError(error, 'canceled')) await queue.complete(claim);
    else await queue.fail(claim, messageOf(error));
  }
}
