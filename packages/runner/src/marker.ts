import type { Task } from '@nmcp/types';

/** The mark that a scan carries on its scanner: it says which task it is of. */
export function markerOf({ task_id }: Pick<Task, 'task_id'>): string {
  return `nmcp:${task_id}`;
}
