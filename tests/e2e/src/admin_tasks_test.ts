import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { operations } from './admin_operations.ts';
import { startApp } from './app_process.ts';
import { untilFinal } from './mcp_client.ts';
import { STORES } from './stage.ts';

describe.each(STORES)('nmcp-admin on %s, while all runs', (store) => {
  test('shows tasks, follows one, exports it and imports it again', async () => {
    await using o = await operations(store);
    const id = await o.submit('first');
    const watched = await o.admin('tasks', 'watch', id);
    expect(watched.code).toBe(0);
    expect(watched.stdout.trimEnd().split('\n').at(-1)).toBe('completed');
    expect(await o.ask('tasks', 'list')).toMatchObject({
      total: 1,
      tasks: [{ task_id: id, status: 'completed' }],
    });
    expect((await o.admin('tasks', 'list')).stdout).toContain(id);
    expect(await o.ask('tasks', 'list', '--status', 'failed')).toMatchObject({ total: 0 });
    expect(await o.ask('tasks', 'list', '--targets', '192.0.2.1')).toMatchObject({ total: 1 });
    expect(await o.ask('tasks', 'show', id)).toMatchObject({
      task_id: id,
      status: 'completed',
      in_queue: false,
      held_by: null,
    });
    expect((await o.admin('tasks', 'show', id)).stdout).toMatch(/status +completed/);

    const file = `${o.stage.dataDir}.nessus`;
    expect(await o.admin('export', id, '-o', file)).toMatchObject({ code: 0 });
    expect(await readFile(file, 'utf8')).toBe(
      await readFile(`${o.stage.dataDir}/${id}/scan_native.nessus`, 'utf8'),
    );
    expect((await o.admin('export', id, '--to', 'csv')).stdout.split('\n')[0]).toContain('Plugin ID');
    expect((await o.admin('export', id, '--to', 'jsonl')).stdout.split('\n')[0]).toContain('"type":"schema"');
    const imported = (await o.ask('import', file, '--name', 'again')) as { task_id: string };
    expect((await o.client.call('get_scan_summary', { task_id: imported.task_id })).isError).toBe(false);
  });

  test('cancels what waits and what runs, and runs it again', async () => {
    await using o = await operations(store, 5);
    await o.worker.stop();
    const waiting = await o.submit('waiting');
    expect(await o.ask('queue', 'peek')).toMatchObject([{ task_id: waiting }]);
    expect((await o.admin('queue', 'peek')).stdout).toContain(waiting);
    expect(await o.admin('tasks', 'cancel', waiting)).toMatchObject({ code: 2 }); // nobody can be asked
    expect(await o.ask('tasks', 'cancel', waiting, '--yes')).toMatchObject({ outcome: 'canceled' });
    expect(await o.ask('tasks', 'cancel', waiting, '--yes')).toMatchObject({ outcome: 'ended' });
    await using worker = startApp('worker', [], o.stage.environment);
    const running = await o.submit('running');
    await worker.says(/scan created/);
    const { held_by } = (await o.ask('tasks', 'show', running)) as { held_by: string };
    expect(held_by).toMatch(/-\d+-[0-9a-f]{6}$/);
    expect(await o.ask('tasks', 'cancel', running, '--yes')).toMatchObject({ outcome: 'requested' });
    expect(await untilFinal(o.client, running)).toMatchObject({ status: 'failed' });
    expect((await o.admin('tasks', 'watch', running)).code).toBe(1);
    expect(await o.ask('tasks', 'retry', running)).toMatchObject({ retry_of: running });
    expect(await o.admin('tasks', 'retry', 'ne_scan_20251201_143022_a1b2c3d4')).toMatchObject({ code: 4 });
  });
});
