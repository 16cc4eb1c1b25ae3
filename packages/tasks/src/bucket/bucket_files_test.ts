import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Bucket, openBucket } from '@nmcp/bucket';
import { type PrivateS3, startS3, tempFolder } from '@nmcp/test-support';
import { NmcpError, type Task } from '@nmcp/types';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newTask } from '../task_store_test_bench.ts';
import { BucketFiles } from './bucket_files.ts';

const s3: PrivateS3 | undefined = await startS3();
afterAll(async () => {
  vi.unstubAllEnvs();
  await s3?.[Symbol.asyncDispose]();
});
const may = (): Promise<void> => Promise.resolve();

describe.skipIf(!s3)('results in a bucket', () => {
  beforeAll(async () => {
    for (const [name, value] of Object.entries(s3?.environment ?? {})) vi.stubEnv(name, value);
    await s3?.makeBucket('exports');
  });

  /** Two machines with one bucket and no folder in common. */
  async function openBoth(maxBytes = 1e9) {
    const [one, other] = [await tempFolder(), await tempFolder()];
    const bucket = openBucket({ url: `s3://exports/${randomBytes(4).toString('hex')}` });
    const on = ({ path }: { path: string }): BucketFiles =>
      new BucketFiles({ dataDir: path, bucket, maxBytes });
    return {
      bucket,
      folders: [one.path, other.path] as const,
      files: [on(one), on(other)] as const,
      async [Symbol.asyncDispose]() {
        bucket[Symbol.dispose]();
        await one[Symbol.asyncDispose]();
        await other[Symbol.asyncDispose]();
      },
    };
  }

  async function save(files: BucketFiles, task: Task, text: string, fence = 0): Promise<void> {
    await files.makeFolder(task.task_id);
    await files.save(task.task_id, [Buffer.from(text)] as never, { fence }, may);
  }

  async function keysIn(bucket: Bucket, task: Task): Promise<string[]> {
    const keys: string[] = [];
    for await (const key of bucket.list(`${task.task_id}/`)) keys.push(key);
    return keys.sort();
  }

  test('are read on another machine, whole', async () => {
    await using t = await openBoth();
    const task = newTask();
    await save(t.files[0], task, '<a>one</a>');
    const path = await t.files[1].local(task);
    expect(path.startsWith(t.folders[1])).toBe(true);
    expect(await readFile(path, 'utf8')).toBe('<a>one</a>');
  });

  test('of a holder that was overtaken are not read, whichever came last', async () => {
    await using t = await openBoth();
    const task = { ...newTask(), lease_fence: 4 };
    await save(t.files[0], task, '<a>rightful</a>', 4);
    await save(t.files[1], task, '<a>late</a>', 3);
    // also where the late one has its copy
    for (const files of t.files)
      expect(await readFile(await files.local(task), 'utf8')).toBe('<a>rightful</a>');
    expect(await keysIn(t.bucket, task)).toHaveLength(4);
  });

  test("of a later holder are not the task's, those of an earlier one are", async () => {
    await using t = await openBoth();
    const task = { ...newTask(), lease_fence: 4 };
    await save(t.files[0], task, '<a>later</a>', 5);
    await expect(t.files[1].local(task)).rejects.toMatchObject({ code: 'not_found' });
    await save(t.files[0], task, '<a>earlier</a>', 2);
    expect(await readFile(await t.files[1].local(task), 'utf8')).toBe('<a>earlier</a>');
  });

  test('of a holder that may not write any longer are nowhere', async () => {
    await using t = await openBoth();
    const task = newTask();
    await t.files[0].makeFolder(task.task_id);
    const refuse = (): Promise<void> => Promise.reject(new NmcpError('stale_lease', 'overtaken'));
    await expect(
      t.files[0].save(task.task_id, [Buffer.from('<a/>')] as never, { fence: 2 }, refuse),
    ).rejects.toMatchObject({ code: 'stale_lease' });
    await expect(t.files[1].local(task)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('that went are said to have gone', async () => {
    await using t = await openBoth();
    const task = newTask();
    await save(t.files[0], task, '<a/>');
    await t.files[0].remove(task.task_id);
    expect(await keysIn(t.bucket, task)).toEqual([]);
    expect(await readdir(t.folders[0])).toEqual([]);
    await expect(t.files[1].local(task)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('no longer stored'),
    });
  });

  test('that are damaged are not handed out', async () => {
    await using t = await openBoth();
    const task = newTask();
    await save(t.files[0], task, '<a>one</a>');
    await t.bucket.write(`${task.task_id}/0.nessus`, '<a>two</a>');
    await expect(t.files[1].local(task)).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('its SHA-256 is another one'),
    });
    expect((await readdir(join(t.folders[1], task.task_id))).filter((name) => !name.startsWith('.'))).toEqual(
      [],
    );
  });

  test('make room by last use, and come back when they are asked for', async () => {
    await using t = await openBoth(2500);
    const tasks = [newTask(), newTask(), newTask()] as const;
    for (const task of tasks) await save(t.files[0], task, 'x'.repeat(1000));
    for (const task of tasks.slice(0, 2)) {
      await t.files[1].local(task);
      await writeFile(join(t.folders[1], task.task_id, 'findings.db'), 'index');
    }
    const old = new Date(Date.now() - 3_600_000);
    await utimes(join(t.folders[1], tasks[0].task_id, '.fence'), old, old);
    await t.files[1].local(tasks[2]);
    const held = await Promise.all(tasks.map(({ task_id }) => readdir(join(t.folders[1], task_id))));
    expect(held.map((names) => names.sort())).toEqual([
      [],
      ['.fence', 'findings.db', 'scan_native.nessus'],
      ['.fence', 'scan_native.nessus'],
    ]);
    expect(await readFile(await t.files[1].local(tasks[0]), 'utf8')).toBe('x'.repeat(1000));
  });

  test('make room where they are written, too', async () => {
    await using t = await openBoth(1500);
    const [first, second] = [newTask(), newTask()];
    await save(t.files[0], first, 'x'.repeat(1000));
    const old = new Date(Date.now() - 3_600_000);
    await utimes(join(t.folders[0], first.task_id, '.fence'), old, old);
    await save(t.files[0], second, 'x'.repeat(1000));
    expect(await readdir(join(t.folders[0], first.task_id))).toEqual([]);
    expect(await readFile(await t.files[0].local(first), 'utf8')).toBe('x'.repeat(1000));
  });

  test('that were stored before there was a bucket are uploaded when they are asked for', async () => {
    await using t = await openBoth();
    const task = newTask();
    await mkdir(join(t.folders[0], task.task_id));
    await writeFile(join(t.folders[0], task.task_id, 'scan_native.nessus'), '<a>old</a>');
    await expect(t.files[1].local(task)).rejects.toMatchObject({ code: 'not_found' });
    expect(await readFile(await t.files[0].local(task), 'utf8')).toBe('<a>old</a>');
    expect(await readFile(await t.files[1].local(task), 'utf8')).toBe('<a>old</a>');
  });

  test('whose copy was removed by hand are fetched again', async () => {
    await using t = await openBoth();
    const task = newTask();
    await save(t.files[0], task, '<a/>');
    await rm(join(t.folders[0], task.task_id), { recursive: true });
    expect(await readFile(await t.files[0].local(task), 'utf8')).toBe('<a/>');
  });

  test('are uploaded when the server comes back, if the holder may still write', async () => {
    await using t = await openBoth();
    const task = newTask();
    await s3?.stop();
    const saving = save(t.files[0], task, '<a>late</a>');
    await s3?.start();
    await saving;
    expect(await readFile(await t.files[1].local(task), 'utf8')).toBe('<a>late</a>');
  }, 120_000); // the server's own start, and then the longest wait between two attempts
});
