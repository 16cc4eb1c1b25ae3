import type { Claim } from '@nmcp/queue';
import type { Logger } from '@nmcp/telemetry';
import type { Task, TaskId } from '@nmcp/types';
import { markerOf } from './marker.ts';
import { retryWhileUnreachable } from './retry_while_unreachable.ts';
import type { RunContext } from './run_context.ts';

/** What ends a run early. */
export interface RunSignals {
  /** The process stops: the step under way is finished, and no other begun. */
  stopping: AbortSignal;
  /** Another worker has the task: nothing more may be done. */
  lost: AbortSignal;
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

  constructor(context: RunContext, claim: Claim, log: Logger, signals: RunSignals) {
    this.context = context;
    this.claim = claim;
    this.log = log;
    this.signal = AbortSignal.any([signals.stopping, signals.lost]);
    this.lost = signals.lost;
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
    return this.context.tasks.change(this.id, this.claim.fence, change);
  }

  /** Tries again while the scanner does not answer. */
  retrying<T>(action: () => Promise<T>): Promise<T> {
    return retryWhileUnreachable(this.context.retry, this.context.wheel, this.signal, action);
  }

  isCanceled(): Promise<boolean> {
    return this.context.queue.isCancelRequested(this.claim.pool, this.id);
  }
}
