import { isoTime, type Task } from '@nmcp/types';

/** What a canceled task says. */
export const CANCELED_MESSAGE = 'Canceled on request';

/** How a task ends without results. */
export interface TaskEnd {
  status: 'failed' | 'timeout';
  /** Milliseconds since 1970. */
  at: number;
  error_message: string;
  /** A word for it, such as `canceled`. */
  failure_reason?: string | undefined;
}

/** A task as it is when it ended without results: it says when and why, and its credentials are gone. */
export function endedTask(task: Task, { status, at, error_message, failure_reason }: TaskEnd): Task {
  return {
    ...withoutCredentials(task),
    status,
    completed_at: isoTime(at),
    error_message,
    ...(failure_reason === undefined ? {} : { failure_reason }),
  };
}

/** A task whose credentials are of no more use. */
export function withoutCredentials<T extends Task>(task: T): T {
  const { credentials: _, ...payload } = task.payload;
  return { ...task, payload };
}
