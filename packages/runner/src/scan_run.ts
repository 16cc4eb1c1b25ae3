import type { Claim } from '@nmcp/queue';
import { CANCELED_MESSAGE, type ProgressNote } from '@nmcp/tasks';
import type { Logger } from '@nmcp/telemetry';
import {
  isFinal,
  isNmcpError,
  isoTime,
  messageOf,
  NmcpError,
  type Task,
  type TaskId,
  type TaskWaiting,
} from '@nmcp/types';
import { markerOf } from './marker.ts';
import { retryWhileUnreachable } from './retry_while_unreachable.ts';
import type { RunContext } from './run_context.ts';

/** What ends a run early. */
export interface RunSignals {
  /** The process stops: the step under way is finished, and no other begun. */
  stopping: AbortSignal;
  /** Another worker has the task: nothing more may be done. */
  lost: AbortSignal;
  /** Throws when the lease has ended, before any signal says so. */
  requireHeld: () => void;
}

/** One run of one claimed task: what its steps work with. */
export class ScanRun {
  readonly context: RunContext;
  readonly claim: Claim;
  readonly log: Logger;
  /** Aborts when the process stops or another worker has the task. */
  readonly signal: AbortSignal;
  /** Aborts only when another worker has the task: for calls that a stop waits for. */
  readonly lost: AbortSignal;
  /** Aborts only when the process stops. */
  readonly stopping: AbortSignal;
  readonly #requireHeld: () => void;
  #waiting: TaskWaiting | undefined;
  /** When its time is over, on `performance.now()`. */
  #deadline: number;

  constructor(context: RunContext, claim: Claim, log: Logger, signals: RunSignals) {
    this.context = context;
    this.claim = claim;
    this.log = log;
    this.signal = AbortSignal.any([signals.stopping, signals.lost]);
    this.lost = signals.lost;
    this.stopping = signals.stopping;
    this.#requireHeld = signals.requireHeld;
    this.#deadline = performance.now() + context.scanTimeoutMs;
  }

  /** Counts the task's time from its start; a clock that is set from here on changes nothing. */
  countFrom(startedAt: number): void {
    const { clock, scanTimeoutMs } = this.context;
    this.#deadline = performance.now() + scanTimeoutMs - Math.max(0, clock() - startedAt);
  }

  /** Milliseconds that the task may still take. */
  get remainingMs(): number {
    return Math.max(0, this.#deadline - performance.now());
  }

  /** Whether the task has taken longer than it may. */
  get isTimeOver(): boolean {
    return performance.now() > this.#deadline;
  }

  /** Asked before everything that changes something. @throws {NmcpError} `stale_lease` */
  requireHeld(): void {
    this.#requireHeld();
  }

  get id(): TaskId {
    return this.claim.entry.task_id;
  }

  /** The mark that the scan carries on its scanner. */
  get marker(): string {
    return markerOf({ task_id: this.id });
  }

  /** Changes task.json, unless a later holder of the task has changed it. */
  change(change: (task: Task) => Task): Promise<Task> {
    return this.context.tasks.change(this.id, this.claim.fence, (before) => {
      this.requireHeld();
      return change(before);
    });
  }

  /** Changes it, unless somebody has asked for it to be stopped before that counts. */
  changeUnlessCanceled(change: (task: Task) => Task): Promise<Task> {
    return this.change((before) => change(refuseCanceled(before)));
  }

  /** Tries again while the scanner does not answer, until the task's time is over. */
  retrying<T>(action: () => Promise<T>, options: { doubts?: boolean } = {}): Promise<T> {
    return retryWhileUnreachable(this, action, options);
  }

  /** Shows what the task waits for, and logs it when it is something new. */
  async waitsFor(said: string): Promise<void> {
    if (this.#waiting?.said === said) return;
    this.log.warn({ reason: said }, 'waits for the scanner');
    this.#waiting = { since: this.#waiting?.since ?? isoTime(this.context.clock()), said };
    await this.#show({ waiting: this.#waiting });
  }

  /** Shows that it waits no longer, and how far it is. */
  async goesOn(note: { progress?: number } = {}): Promise<void> {
    if (!this.#waiting && note.progress === undefined) return;
    if (this.#waiting) this.log.info({ waited_for: this.#waiting.said }, 'the task goes on');
    this.#waiting = undefined;
    await this.#show({ ...note, waiting: undefined });
  }

  /** It is for people to see, and no reason to end anything. */
  async #show(note: ProgressNote): Promise<void> {
    try {
      await this.context.tasks.noteProgress(this.id, this.claim.fence, note);
    } catch (error) {
      if (isNmcpError(error, 'stale_lease')) throw error;
      this.log.debug({ reason: messageOf(error) }, 'the progress could not be shown');
    }
  }

  /** Throws when somebody has asked for the task to be stopped, or has ended it. */
  async throwIfCanceled(): Promise<void> {
    refuseCanceled(await this.context.tasks.read(this.id));
  }
}

/** @throws {NmcpError} `canceled`; `invalid_transition` for a task that has ended */
function refuseCanceled(task: Task): Task {
  if (isFinal(task.status))
    throw new NmcpError('invalid_transition', `Task ${task.task_id} has ended: it is ${task.status}`);
  if (task.cancel) throw new NmcpError('canceled', CANCELED_MESSAGE);
  return task;
}
