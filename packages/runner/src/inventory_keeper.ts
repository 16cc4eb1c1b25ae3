import { appliedScanOf, type Inventory } from '@nmcp/inventory';
import { hasReport, type TaskStore } from '@nmcp/tasks';
import type { Logger } from '@nmcp/telemetry';
import { isNmcpError, messageOf, type Task, type TaskId } from '@nmcp/types';

/** Options of {@linkcode InventoryKeeper}. */
export interface InventoryKeeperOptions {
  tasks: TaskStore;
  inventory: Pick<Inventory, 'apply' | 'known'>;
  log: Logger;
}

/**
 * Keeps the inventory whole: each scan that has a report is applied, those that ended first first, whoever ran it and whatever
 * was killed. A database that is away holds up no scan; what it lacks is applied when it is back.
 */
export class InventoryKeeper {
  readonly #options: InventoryKeeperOptions;
  /** Tasks whose reports cannot be read: they are not tried again by this process. */
  readonly #unreadable = new Set<string>();
  #working: Promise<void> = Promise.resolve();
  #isCatchingUp = false;
  #isStopped = false;
  #said = '';

  constructor(options: InventoryKeeperOptions) {
    this.#options = options;
  }

  /** Applies the scan of a task that has ended, if it has a report. */
  ended(taskId: TaskId): Promise<void> {
    return this.#next(async () => {
      const task = await this.#options.tasks.read(taskId);
      if (hasReport(task)) await this.#apply(task);
    });
  }

  /** Applies what is missing, of all tasks that there are. */
  catchUp(): Promise<void> {
    if (this.#isCatchingUp) return this.#working;
    this.#isCatchingUp = true;
    return this.#next(() => this.#applyMissing()).finally(() => {
      this.#isCatchingUp = false;
    });
  }

  /** The scan that is being applied is applied. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#working;
  }

  /** One thing after the other; what fails is tried again by the next {@linkcode catchUp}. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#working = this.#working.then(async () => {
      if (this.#isStopped) return;
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

  async #applyMissing(): Promise<void> {
    const { tasks, inventory } = this.#options;
    const reports = await tasks.ids({ hasReport: true, order: 'ended' });
    if (reports.length === 0) return;
    const known = await inventory.known();
    for (const id of reports) {
      if (known.has(id) || this.#unreadable.has(id)) continue;
      if (this.#isStopped) return;
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
