import { openStateDatabase } from '@nmcp/database/state';
import { createTaskStore, entryOf } from '@nmcp/tasks';
import { createPostgresTaskStore } from '@nmcp/tasks/postgres';
import { benchTask } from './bench_task.mjs';

/**
 * Has so many scans wait, and none of a measurement before.
 *
 * @param tasksUrl of a database; undefined: tasks are files in `dataDir`
 */
export async function submitAll(count, { pool, queue, tasksUrl, dataDir }) {
  for (const id of await queue.taskIds(pool)) await queue.remove(pool, id);
  const database = tasksUrl && (await openStateDatabase({ url: tasksUrl }));
  const tasks = database ? createPostgresTaskStore({ database, dataDir }) : createTaskStore({ dataDir });
  for (let i = 0; i < count; i++) {
    const task = benchTask({ pool, targets: '192.0.2.0/29', name: `bench ${i}` });
    await tasks.create(task);
    await queue.enqueue(entryOf(task));
  }
  await database?.[Symbol.asyncDispose]();
}
