import { createEmbeddedQueue, createRedisQueue, EMBEDDED_FILE, type TaskQueue } from '@nmcp/queue';
import { createTaskStore, queuedTask } from '@nmcp/tasks';
import { tempFolder, testRedisUrl } from '@nmcp/test-support';
import { isoTime, newTaskId, newTraceId, type PoolName, type TaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { type CommandResult, runApp } from './app_process.ts';

interface Desk extends AsyncDisposable {
  queue: TaskQueue;
  pool: PoolName;
  dataDir: string;
  admin(...args: string[]): Promise<CommandResult>;
  deadTask(): Promise<TaskId>;
}

let number = 0;

async function desk(store: 'embedded' | 'redis'): Promise<Desk> {
  const folder = await tempFolder();
  const pool = `nessus_admin${process.pid}_${number++}` as PoolName; // matches the pattern
  const queue =
    store === 'redis'
      ? await createRedisQueue({ url: testRedisUrl ?? '' })
      : await createEmbeddedQueue({ path: `${folder.path}/${EMBEDDED_FILE}` });
  const where = store === 'redis' ? ['--redis-url', testRedisUrl ?? ''] : [];
  const tasks = createTaskStore({ dataDir: folder.path });
  return {
    queue,
    pool,
    dataDir: folder.path,
    admin: (...args) => runApp('admin-cli', [...args, '--pool', pool, '--data-dir', folder.path, ...where]),
    async deadTask() {
      const task = queuedTask({
        task_id: newTaskId('nessus'),
        trace_id: newTraceId(),
        scan_type: 'untrusted',
        scanner_type: 'nessus',
        scanner_pool: pool,
        scanner_instance_id: null,
        payload: { targets: '10.0.0.1', name: 'n', description: '', schema_profile: 'brief' },
        created_at: isoTime(Date.now()),
      });
      await tasks.create(task);
      const { task_id, trace_id, scan_type } = task;
      await queue.enqueue({
        task_id,
        trace_id,
        scan_type,
        scanner_pool: pool,
        payload: { targets: '10.0.0.1', ssh_password: 'hunter2' },
      });
      const claim = await queue.claim([pool], { consumer: 'w', leaseMs: 60_000 });
      if (claim) await queue.fail(claim, 'scanner is gone');
      await tasks.change(task_id, claim?.fence ?? 1, (before) => ({
        ...before,
        status: 'failed',
        completed_at: isoTime(Date.now()),
        error_message: 'scanner is gone',
      }));
      return task_id;
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const stores = testRedisUrl === undefined ? (['embedded'] as const) : (['embedded', 'redis'] as const);

describe.each(stores)('nmcp-admin on %s', (store) => {
  test('counts, lists, shows, retries and purges', async () => {
    await using d = await desk(store);
    const [first, second] = [await d.deadTask(), await d.deadTask()];
    expect((await d.admin('stats')).stdout).toMatch(new RegExp(`${d.pool} +0 +0 +2\\n`));
    expect((await d.admin('list-dlq', '--limit', '1')).stdout).toMatch(
      /^ +id +failed at +error\n.*\n.*scanner is gone\n$/,
    );
    const shown = await d.admin('inspect-dlq', first);
    expect(JSON.parse(shown.stdout)).toMatchObject({
      id: first,
      error: 'scanner is gone',
      entry: { payload: { targets: '10.0.0.1' } },
    });
    expect(shown.stdout).not.toContain('hunter2');

    const retried = await d.admin('retry-dlq', first, '-y');
    expect(retried).toMatchObject({ code: 0, stdout: expect.stringContaining(`retries ${first}`) });
    const [waiting] = await d.queue.peek(d.pool, 1);
    expect(await createTaskStore({ dataDir: d.dataDir }).read(waiting?.task_id as TaskId)).toMatchObject({
      status: 'queued',
      retry_of: first,
    });

    expect(await d.admin('purge-dlq')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--confirm'),
    });
    expect(await d.queue.deadLetterCount(d.pool)).toBe(1);
    expect((await d.admin('purge-dlq', '--confirm')).stdout).toContain('1 dead letters');
    expect(await d.admin('inspect-dlq', second)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('has no dead letter'),
    });
  });

  test('does not retry without a yes where nobody can be asked', async () => {
    await using d = await desk(store);
    const id = await d.deadTask();
    expect(await d.admin('retry-dlq', id)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    });
    expect(await d.queue.deadLetterCount(d.pool)).toBe(1);
  });
});

test.each([
  [['bogus'], /Unknown command "bogus"; expected one of stats, list-dlq/],
  [['stats', '--pol', 'x'], /Unknown option --pol/],
  [['list-dlq', '--limit', 'many'], /--limit many: expected a whole number/],
  [['inspect-dlq'], /Missing required positional argument/],
  [['stats', '--pool', 'a b'], /is not a valid pool name/],
])('nmcp-admin %j is refused in one line', async (args, why) => {
  const { code, stderr } = await runApp('admin-cli', args);
  expect(code).toBe(2);
  expect(stderr).toMatch(why);
  expect(stderr.trimEnd()).not.toContain('\n');
});
