import type { AuditLog } from '@nmcp/audit';
import type { Inventory } from '@nmcp/inventory';
import { createScanPolicy, resolveWithDns, type ScanPolicy } from '@nmcp/policy';
import { type Claim, requireAgreeingClock, type TaskQueue, WorkerPresence } from '@nmcp/queue';
import type { ScannerRegistry } from '@nmcp/registry';
import { type Results, validateResults } from '@nmcp/results';
import type { TaskStore } from '@nmcp/tasks';
import type { Logger, Metrics } from '@nmcp/telemetry';
import { type Clock, messageOf, type PoolName, systemClock } from '@nmcp/types';
import type { Vault } from '@nmcp/vault';
import { InventoryKeeper } from './inventory_keeper.ts';
import { type HeldTask, poolsWithRoom } from './pools_with_room.ts';
import { reconcile } from './reconcile.ts';
import type { RetryPolicy } from './retry_while_unreachable.ts';
import { runClaim } from './run_claim.ts';
import type { RunContext } from './run_context.ts';
import { LEFTOVER_MS } from './sweep_folders.ts';
import { TimerWheel } from './timer_wheel.ts';

/** Options of {@linkcode createRunner}. */
export interface RunnerOptions {
  queue: TaskQueue;
  tasks: TaskStore;
  /** Takes in what scans found. @default none */
  inventory?: Pick<Inventory, 'apply' | 'known'> | undefined;
  /** Reads what was stored. @default in this thread */
  results?: Pick<Results, 'validate'> | undefined;
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
  /** Bytes that the report of a scan may have. @default 20000000000 */
  maxExportBytes?: number | undefined;
  /**
   * Milliseconds for which a create or a launch that was not answered is looked for before it is made again; longer than
   * the scanner's client waits for an answer. @default 40000
   */
  observeMs?: number | undefined;
  /** Milliseconds for which a scanner has to say that a scan is gone until it counts. @default 600000 */
  goneMs?: number | undefined;
  /** For calls to a scanner that does not answer. @default the first wait 1 second, the longest 30 */
  retry?: RetryPolicy | undefined;
  /** Milliseconds between two looks for a free slot. @default 1000 */
  slotWaitMs?: number | undefined;
  /** Milliseconds between two tries while the disk takes no writes. @default 10000 */
  diskWaitMs?: number | undefined;
  /** Milliseconds for which a claimed task may not be readable yet, as over NFS. @default 75000 */
  appearMs?: number | undefined;
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
  /** Resolves when others can see that it takes tasks. */
  readonly seen: Promise<void>;
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
  readonly #inventory: InventoryKeeper | undefined;
  readonly #stopping = new AbortController();
  readonly #held = new Map<Promise<void>, HeldTask>();
  readonly #presence: WorkerPresence;
  readonly seen: Promise<void>;
  #isSeen: () => void = () => {};
  readonly #loop: Promise<void>;
  /** When the folders were last looked into, on `performance.now()`. */
  #sweptAt = Number.NEGATIVE_INFINITY;
  readonly #reconcileTimer: ReturnType<typeof setInterval>;
  #lastTurnAt = Date.now();
  #reconciling: Promise<void> = Promise.resolve();
  /** Ends the wait for room. */
  #roomChanged: () => void = () => {};

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#context = {
      tasks: options.tasks,
      results: options.results ?? { validate: validateResults },
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
      maxExportBytes: options.maxExportBytes ?? 20e9,
      goneMs: options.goneMs ?? 600_000,
      retry: options.retry ?? { firstWaitMs: 1000, maxWaitMs: 30_000 },
      observeMs: options.observeMs ?? 40_000,
      appearMs: options.appearMs ?? 75_000,
      maxAttempts: options.maxAttempts ?? 5,
      slotWaitMs: options.slotWaitMs ?? SLOT_WAIT_MS,
      diskWaitMs: options.diskWaitMs ?? 10_000,
    };
    const { inventory, tasks, log, queue, consumer } = options;
    const lease = { queue, consumer, leaseMs: options.leaseMs };
    this.#inventory = inventory && new InventoryKeeper({ tasks, inventory, log, lease });
    this.#presence = new WorkerPresence(options.queue.slots, options.consumer);
    this.seen = new Promise((resolve) => {
      this.#isSeen = resolve;
    });
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
    await this.#inventory?.stop();
    await this.#loop;
    await this.#presence.end().catch(() => {}); // without the store it ends by itself
    await Promise.all(this.#held.keys());
  }

  /** Finds tasks that the queue has lost; several workers may do it at the same time. */
  #reconcile(): Promise<void> {
    const { tasks, queue, log, reconcileGraceMs: graceMs } = this.#options;
    this.#reconciling = this.#reconciling
      .then(async () => {
        if (this.#stopping.signal.aborted) return;
        await requireAgreeingClock(queue, this.#context.clock); // it would expire approvals by a wrong time
        const sweeps = performance.now() - this.#sweptAt > LEFTOVER_MS;
        if (sweeps) this.#sweptAt = performance.now();
        const {
          problems,
          young: _,
          ...mended
        } = await reconcile({
          tasks,
          queue,
          clock: this.#context.clock,
          graceMs,
          sweeps,
        });
        void this.#inventory?.catchUp();
        const count = Object.values(mended).reduce((sum, found) => sum + found.length, 0);
        if (count > 0 || problems.length > 0) log.warn({ ...mended, problems }, 'reconciled');
      })
      .catch((error: unknown) =>
        log.error({ reason: messageOf(error) }, 'the tasks could not be reconciled'),
      );
    return this.#reconciling;
  }

  async #claimForever(): Promise<void> {
    const { queue, registry, log, consumer } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#lastTurnAt = Date.now();
      try {
        await requireAgreeingClock(queue, this.#context.clock);
        const served = this.#options.pools ?? registry.pools(); // those of a later reload too
        await this.#presence.say(served);
        this.#isSeen();
        const pools = await poolsWithRoom(registry, served, this.#held.values());
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
        log.error({ reason: messageOf(error) }, 'no task could be taken');
        await this.#waitForRoom();
      }
    }
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
    const { task_id, trace_id } = claim.entry;
    const log = this.#options.log.child({ task_id, trace_id, pool: claim.pool });
    const stopping = this.#stopping.signal;
    const done = runClaim(this.#context, claim, { log, stopping, held }).catch((error: unknown) => {
      // the store did not take the end: the lease runs out and another try finds the task as it is
      this.#options.log.error(
        { task_id, reason: messageOf(error) },
        'the end of a task could not be written',
      );
    });
    this.#held.set(done, held);
    void done.then(() => {
      this.#held.delete(done);
      void this.#inventory?.ended(task_id);
      this.#roomChanged();
    });
  }
}
