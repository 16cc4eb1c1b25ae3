import {
  explainIssues,
  fromTaskFile,
  isNmcpError,
  messageOf,
  NmcpError,
  type Task,
  type TaskId,
  TaskSchema,
  toTaskFile,
} from '@nmcp/types';
import * as v from 'valibot';

/** How task.json is written; a later format is left to who knows it. */
const FORMAT = 2;

/** The text of a task.json. */
export function formatTask(task: Task): string {
  return `${JSON.stringify(toTaskFile(task, { format: FORMAT }), null, 2)}\n`;
}

/** Reads the text of a task.json. @throws {NmcpError} `internal` saying how it is damaged */
export function parseTask(id: TaskId, text: string): Task {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(id, `it is not JSON (${messageOf(error)})`);
  }
  const { format = 0 } = (fromTaskFile(value) ?? {}) as { format?: unknown }; // of whatever was read
  if (typeof format !== 'number' || format > FORMAT)
    throw new NmcpError(
      'internal',
      `task.json of ${id} was written by a later version (format ${String(format).slice(0, 20)}); this one reads formats up to ${FORMAT}, and leaves it as it is`,
      { title: 'Later version' },
    );
  const result = v.safeParse(TaskSchema, value);
  if (!result.success) throw damaged(id, explainIssues(result.issues));
  if (result.output.task_id !== id) throw damaged(id, `it belongs to the task ${result.output.task_id}`);
  const { format: _, ...task } = result.output as Task & { format?: number };
  return task as Task; // format is none of its fields
}

const DAMAGED = 'Damaged task';

/** Whether an error says that a task.json is damaged; one of a later version is not. */
export function isDamaged(error: unknown): error is NmcpError {
  return isNmcpError(error, 'internal') && error.title === DAMAGED;
}

/** What is said of a task.json that cannot be used. */
export function damaged(id: TaskId, why: string): NmcpError {
  return new NmcpError('internal', `task.json of ${id} is damaged: ${why}`, { title: DAMAGED });
}
