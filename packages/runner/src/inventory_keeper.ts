import { setTimeout as sleep } from 'node:timers/promises';
import { appliedScanOf, type Inventory } from '@nmcp/inventory';
import { hasReport, type TaskStore } from '@nmcp/tasks';
import type { Logger } from '@nmcp/telemetry';
import { isNmcpError, messageOf, type Task, type TaskId } from '@nmcp/types';
import { type LeaseOptions, underLease } from './under_lease.ts';

/** Options of {@linkcode InventoryKeeper}. */
export interface InventoryKeeperOptions {
  tasks: TaskStore;
  inventory: Pick<Inventory, 'apply' | 'known'>;
  log: Logger;
  /** So that one of several workers works at a time. @default it is the only one */
  lease?: LeaseOptions | undefined;
  /** Milliseconds between looks whether another worker is done. @default 500 */
  lookMs?: number | undefined;
}

/** Name of the lease of whoever applies scans. */
const INVENTORY_LEASE = 'nmcp:inventory';
const LOOK_MS = 500;
/** Looks of one scan that has ended; after that it is one of those that are missing. */
const LOOKS = 120;

/**
 * Keeps the inventory whole: each scan that has a report is applied, those that ended first first, whoever ran it and whatever
 * was killed, by one worker at a time. A database that is away holds up no scan; what it lacks is applied when it is back.
 */
export class InventoryKeeper {
  readonly #options: InventoryKeeperOptions;
  /** Tasks whose reports cannot be read: they are not tried again by this process. */
  readonly #unreadable = new Set<string>();
  readonly #stopping = new AbortController();
  #working: Promise<void> = Promise.resolve();
  #isCatchingUp = false;
  #said = '';

  constructor(options: InventoryKeeperOptions) {
    this.#options = options;
  }

  /** Applies the scan of a task that has ended, if it has a report. */
  ended(taskId: TaskId): Promise<void> {
    return this.#next(async () => {
      const task = await this.#options.tasks.read(taskId);
      if (!hasReport(task)) return;
      const { lookMs = LOOK_MS } = this.#options;
      for (let look = 0; look < LOOKS && !this.#stopping.signal.aborted; look++) {
        if (await this.#alone(() => this.#apply(task))) return;
        await sleep(lookMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    });
  }

  /** Applies what is missing, of all tasks that there are. */
  catchUp(): Promise<void> {
    if (this.#isCatchingUp) return this.#working;
    this.#isCatchingUp = true;
    return this.#next(async () => void (await this.#alone((lost) => this.#applyMissing(lost)))).finally(
      () => {
        this.#isCatchingUp = false;
      },
    );
  }

  /** The scan that is being applied is applied. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#working;
  }

  /** One thing after the other; what fails is tried again by the next {@linkcode catchUp}. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(async () => {
      if (this.#stopping.signal.aborted) return;
      try {
        await work();
        this.#said = '';
      } catch (error) {
        const reason = messageOf(error);
        if (reason !== this.#said)
          this.#options.log.warn({ reason }, 'the inventory lacks scans, which are applied later');
        this.#said = reason;
      }
    });
    return this.#working;
  }

  /** Works unless another worker does. @returns whether it was done */
  async #alone(work: (lost: AbortSignal | undefined) => Promise<void>): Promise<boolean> {
    const { lease } = this.#options;
    if (lease) return (await underLease(INVENTORY_LEASE, lease, work)) !== undefined;
    await work(undefined);
    return true;
  }

  async #applyMissing(lost: AbortSignal | undefined): Promise<void> {
    const { tasks, inventory } = this.#options;
    const reports = await tasks.ids({ hasReport: true, order: 'ended' });
    if (reports.length === 0) return;
    const known = await inventory.known();
    for (const id of reports) {
      if (known.has(id) || this.#unreadable.has(id)) continue;
      if (this.#stopping.signal.aborted || lost?.aborted) return;
      const [task] = await tasks.list({ ids: [id] }); // it may have been removed
      if (task) await this.#apply(task);
    }
  }

  async #apply(task: Task): Promise<void> {
    const { tasks, inventory, log } = this.#options;
    const { task_id, partial = false } = task;
    try {
      const outcome = await inventory.apply(await tasks.results(task), appliedScanOf(task), { partial });
      if (typeof outcome === 'object')
        log.warn({ task_id, reason: outcome.refused }, 'the scan is not taken into the inventory');
    } catch (error) {
      if (
        isNmcpError(error, 'unavailable') ||
        isNmcpError(error, 'storage') ||
        isNmcpError(error, 'invalid_config')
      )
        throw error; // of the database, for all of them
      this.#unreadable.add(task_id);
      log.warn({ task_id, reason: messageOf(error) }, 'the scan cannot be taken into the inventory');
    }
  }
}
