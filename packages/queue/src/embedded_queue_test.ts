import { chmodSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_POOL } from '@nmcp/types';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { createEmbeddedQueue } from './embedded/create_embedded_queue.ts';
import { describeQueueContract } from './queue_test_contract.ts';

describeQueueContract('embedded', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'nmcp-queue-')), 'queue.db');
  let now = 1_800_000_000_000;
  const queue = await createEmbeddedQueue({ path, clock: () => now, pollMs: 20 });
  return {
    queue,
    advance: (ms) => {
      now += ms;
    },
    async pushRaw(pool, raw) {
      const other = new Database(path, { timeout: 5000 });
      other
        .prepare(
          'INSERT INTO waiting SELECT ?, coalesce(max(position), 0) + 1, ?, ? FROM waiting WHERE pool = ?',
        )
        .run(pool, 'x', raw, pool);
      other.close();
    },
  };
});

test('what was enqueued is there after a restart', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'nmcp-queue-')), 'queue.db');
  {
    await using queue = await createEmbeddedQueue({ path });
    // the shape that a producer sends
    await queue.enqueue({
      task_id: 'nessus-s1-20251126-abc123' as never,
      trace_id: 't',
      scan_type: 'untrusted',
      scanner_pool: DEFAULT_POOL,
      payload: {},
    });
  }
  await using queue = await createEmbeddedQueue({ path });
  expect(await queue.depth(DEFAULT_POOL)).toBe(1);
});

test("the file is its owner's alone, also in a folder that others may read, and where it was not before", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nmcp-queue-'));
  chmodSync(folder, 0o755);
  const path = join(folder, 'queue.db');
  writeFileSync(path, '', { mode: 0o644 });
  await using queue = await createEmbeddedQueue({ path });
  await queue.drains.set('s1', true);
  for (const name of readdirSync(folder))
    expect([name, statSync(join(folder, name)).mode & 0o077]).toEqual([name, 0]);
});

test('a folder that cannot be made is an error that names it', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'nmcp-queue-')), 'file');
  writeFileSync(file, '');
  const opening = createEmbeddedQueue({ path: join(file, 'queue.db') });
  await expect(opening).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(`The embedded queue ${file}/queue.db`),
  });
});

test('a process that is stopped within a transaction is waited for, and nothing stands still meanwhile', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'nmcp-queue-')), 'queue.db');
  await using queue = await createEmbeddedQueue({ path });
  const other = new Database(path);
  other.exec('BEGIN IMMEDIATE');
  const taken = queue.slots.acquire('s1', 'a', 1, 60_000);
  expect(await queue.depth(DEFAULT_POOL)).toBe(0); // a look waits for nobody
  // with SQLite's own waiting, no timer would fire, and the other would never get to its end
  await new Promise((resolve) => setTimeout(resolve, 60));
  other.exec('COMMIT');
  other.close();
  expect(await taken).toBe(true);
});
