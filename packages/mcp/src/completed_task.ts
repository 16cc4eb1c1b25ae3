import type { TaskStore } from '@nmcp/tasks';
import { NmcpError, parseTaskId, type Task } from '@nmcp/types';

/**
 * A task whose results can be read.
 *
 * @throws {NmcpError} `invalid_input`, `not_found`, or `not_ready` with the task's status
 */
export async function completedTask(
  tasks: TaskStore,
  id: string,
): Promise<Extract<Task, { status: 'completed' }>> {
  const task = await tasks.read(parseTaskId(id));
  if (task.status === 'completed') return task;
  throw new NmcpError(
    'not_ready',
    `The scan ${task.task_id} is ${task.status}; its results can be read when get_scan_status says completed`,
    {
      title: 'Scan not completed yet',
      details: { status: task.status },
    },
  );
}
