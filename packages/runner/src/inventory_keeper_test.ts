import { createEmbeddedQueue } from '@nmcp/queue';
import { createTaskStore, queuedTask, type TaskStore } from '@nmcp/tasks';
import { createLogger } from '@nmcp/telemetry';
import { tempFolder } from '@nmcp/test-support';
import { NmcpError, newTaskId, type Task } from '@nmcp/types';
import { expect, test } from 'vitest';
import { InventoryKeeper } from './inventory_keeper.ts';

const log = createLogger({ app: 'test', level: 'silent', environment: 'test' });

async function completed(tasks: TaskStore, completed_at: string): Promise<Task> {
  const task: Task = {
    ...queuedTask({
      ...{ task_id: newTaskId('nessus'), trace_id: 't', scan_type: 'untrusted', scanner_type: 'nessus' },
      ...{ scanner_pool: 'nessus' as Task['scanner_pool'], scanner_instance_id: null },
      created_at: '2026-01-01T00:00:00.000Z',
      payload: { targets: '10.0.0.1', name: 'n', description: '', schema_profile: 'brief' },
    }),
    ...{ status: 'completed', started_at: completed_at, completed_at },
  };
  await tasks.create(task);
  return task;
}

test('what is missing is applied in the order of its end; what ended, at once; and when the database is back, the rest', async () => {
  await using folder = await tempFolder();
  const tasks = createTaskStore({ dataDir: folder.path });
  const [late, early, damaged] = [
    await completed(tasks, '2026-01-03T00:00:00.000Z'),
    await completed(tasks, '2026-01-02T00:00:00.000Z'),
    await completed(tasks, '2026-01-04T00:00:00.000Z'),
  ];
  const applied: string[] = [];
  let isAway = true;
  const keeper = new InventoryKeeper({
    tasks,
    log,
    inventory: {
      known: async () => new Map(applied.map((id) => [id, undefined])),
      async apply(_path, { taskId }) {
        if (isAway) throw new NmcpError('unavailable', 'away');
        if (taskId === damaged.task_id) throw new NmcpError('damaged_document', 'damaged');
        applied.push(taskId);
        return 'applied';
      },
    },
  });
  await keeper.catchUp();
  expect(applied).toEqual([]);
  isAway = false;
  await keeper.ended(late.task_id);
  expect(applied).toEqual([late.task_id]);
  await Promise.all([keeper.catchUp(), keeper.catchUp()]);
  expect(applied).toEqual([late.task_id, early.task_id]);
  await keeper.stop();
  await keeper.catchUp();
  expect(applied).toHaveLength(2);
});

test('one of several workers applies what there is, and what ended meanwhile waits for it', async () => {
  await using folder = await tempFolder();
  const tasks = createTaskStore({ dataDir: folder.path });
  const queue = await createEmbeddedQueue({ path: `${folder.path}/.queue.db`, pollMs: 20 });
  const old = await completed(tasks, '2026-01-02T00:00:00.000Z');
  const applied: string[] = [];
  let begun = (): void => {};
  let goOn = (): void => {};
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const isEnough = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const keeperOf = (consumer: string): InventoryKeeper =>
    new InventoryKeeper({
      ...{ tasks, log, lease: { queue, consumer }, lookMs: 1 },
      inventory: {
        known: async () => new Map(applied.map((id) => [id.split(' ')[1] ?? '', undefined])),
        async apply(_path, { taskId }) {
          begun();
          await isEnough;
          applied.push(`${consumer} ${taskId}`);
          return 'applied';
        },
      },
    });
  const [a, b] = [keeperOf('a'), keeperOf('b')];
  const first = a.catchUp();
  await isBegun;
  await b.catchUp(); // somebody is at it
  const late = await completed(tasks, '2026-01-03T00:00:00.000Z');
  const ended = b.ended(late.task_id);
  goOn();
  await Promise.all([first, ended]);
  expect(applied).toEqual([`a ${old.task_id}`, `b ${late.task_id}`]);
  await Promise.all([a.stop(), b.stop(), queue.close()]);
});
