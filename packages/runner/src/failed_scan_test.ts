import { writeFile } from 'node:fs/promises';
import { DEFAULT_POOL, type Task, type TaskId } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { type Bench, type BenchOptions, bench } from './runner_test_bench.ts';

describe('what goes wrong is told', () => {
  async function failure(t: Bench, id: TaskId): Promise<{ task: Task; dead: string }> {
    const task = await t.ended(id);
    const letter = await t.deadLetter();
    return { task, dead: letter.error };
  }

  test.each<[string, BenchOptions, RegExp]>([
    [
      'a wrong password of the scanner',
      { config: { auth: { username: 'admin', password: 'sesame-123' } } },
      /refused the credentials/,
    ],
    ['a licence without the scan API', { licence: 'essentials' }, /licence has no scan API/],
    ['more targets than the licence allows', { maxTargets: 4 }, /16 targets and the license allows 4/],
  ])('%s', async (_name, options, why) => {
    await using t = await bench(options);
    const id = await t.submit();
    t.start();
    const { task, dead } = await failure(t, id);
    expect(task.status).toBe('failed');
    expect(task.error_message).toMatch(why);
    expect(dead).toBe(task.error_message);
    expect(JSON.stringify([task, dead, t.logged])).not.toContain('sesame-123');
  });

  test('a scanner that is not there until the time of the scan is over', async () => {
    await using t = await bench({ config: { url: 'http://127.0.0.1:48' } });
    const id = await t.submit();
    t.start({ scanTimeoutMs: 2000 });
    await t.until(() => t.logged.some((line) => /waits for the scanner/.test(line)));
    const { task } = await failure(t, id);
    expect(task.error_message).toMatch(/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)/);
  });

  test('a scan that a person stops, or deletes', async () => {
    await using t = await bench({ speed: 10 });
    t.start();
    const id = await t.submit();
    const scan = await t.until(() => t.simulator.scans().find(({ status }) => status === 'running'));
    const keys = { 'x-apikeys': `accessKey=${t.simulator.accessKey}; secretKey=${t.simulator.secretKey}` };
    await fetch(`${t.simulator.url}/scans/${scan.id}/stop`, { method: 'POST', headers: keys });
    expect((await failure(t, id)).task.error_message).toMatch(/its status is canceled/);
  });

  test('a scan that takes longer than it may is stopped', async () => {
    await using t = await bench({ speed: 1 });
    const id = await t.submit();
    t.start({ scanTimeoutMs: 200 });
    const task = await t.ended(id);
    expect(task).toMatchObject({
      status: 'timeout',
      error_message: expect.stringMatching(/longer than .* hours and was stopped/),
    });
    expect(t.simulator.scans()[0]?.status).toBe('canceled');
  });

  test('a task.json that is cut in half', async () => {
    await using t = await bench();
    const id = await t.submit();
    await writeFile(t.tasks.paths(id).task, '{"task_id":');
    t.start();
    const letter = await t.deadLetter();
    expect(letter).toMatchObject({ id, error: expect.stringMatching(/task\.json of .* is damaged/) });
    expect(await t.queue.inFlight(DEFAULT_POOL)).toBe(0);
    expect(t.simulator.counts().created).toBe(0);
  });

  test('an export that is no document', async () => {
    await using t = await bench({
      wrap: (factory) => (config) => ({
        ...factory(config),
        exportResults: async () => new Blob(['<NessusClientData_v2><Report>']).stream(),
      }),
    });
    const id = await t.submit();
    t.start();
    expect((await failure(t, id)).task.error_message).toMatch(/export is damaged: The document ends early/);
  });

  test('a task whose directory is gone', async () => {
    await using t = await bench();
    const id = await t.submit();
    await t.tasks.remove(id);
    t.start();
    const letter = await t.deadLetter();
    expect(letter).toMatchObject({ id, error: expect.stringContaining('was not found') });
  });

  test('a scanner that hiccups does not end a scan', async () => {
    await using t = await bench({ speed: 300 });
    const id = await t.submit();
    t.simulator.fail({ method: 'GET', path: /^\/scans\/\d+$/, status: 503, times: 2 });
    t.simulator.fail({ method: 'POST', path: /export/, status: 429, times: 2 });
    t.start();
    expect((await t.ended(id)).status).toBe('completed');
  });
});
