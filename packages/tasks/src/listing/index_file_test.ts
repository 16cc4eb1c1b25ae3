import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { newTaskId, type Task } from '@nmcp/types';
import { expect, test } from 'vitest';
import { listedTask } from '../listed_task.ts';
import { newTask } from '../task_store_test_bench.ts';
import { type IndexRow, readIndex, writeIndex } from './index_file.ts';
import { TaskIndex } from './task_index.ts';

const FILE = { ino: 12, mtimeMs: 1_700_000_000_000.5, size: 900 };

/** A task that has everything that lists look at. */
function fullTask(): Task {
  const id = newTaskId('nessus', { now: new Date(0), random: (bytes) => bytes.fill(7) });
  const task = newTask('10.0.0.0/24, web.example.org', id);
  return {
    ...task,
    payload: { ...task.payload, name: 'Weekly' },
    version: 4,
    status: 'completed',
    owner: 'alice',
    scanner_instance_id: 's1',
    nessus_scan_id: 17,
    created_at: '2026-01-01T00:00:00.000Z',
    started_at: '2026-01-01T00:01:00.000Z',
    completed_at: '2026-01-01T00:09:00.000Z',
    unanswered_create: true,
    validation_stats: {
      ...{ hosts_scanned: 1, total_vulnerabilities: 0, file_size_kb: 1, auth_plugins_found: 0 },
      severity_breakdown: { critical: 0, high: 0, medium: 0, low: 0, info: 1 },
    },
  };
}

async function saved(): Promise<AsyncDisposable & { path: string; index: TaskIndex }> {
  const folder = await tempFolder();
  const path = join(folder.path, 'index');
  const index = new TaskIndex();
  index.put(listedTask(fullTask()), FILE);
  index.put(listedTask(newTask()), FILE);
  await writeIndex(path, index.values());
  return { path, index, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test('an index is read as it was written', async () => {
  await using file = await saved();
  const rows: IndexRow[] = [];
  for await (const some of readIndex(file.path)) rows.push(...some);
  const again = new TaskIndex();
  for (const [task, mark] of rows) again.put(task, mark);
  expect([...again.values()]).toEqual([...file.index.values()]);
});

test('what a row says stays what it says, as long as the format has the same number', async () => {
  await using file = await saved();
  const [header, row] = (await readFile(file.path, 'utf8')).split('\n');
  expect(header).toBe('{"index":"tasks","format":1}');
  const times = [1_767_225_600_000, 1_767_225_660_000, 1_767_225_660_000, 1_767_226_140_000];
  expect(JSON.parse(row ?? '')).toEqual([
    ...[
      'ne_scan_19700101_000000_07070707070707070707070707070707',
      4,
      'completed',
      'nessus',
      's1',
      17,
      'alice',
    ],
    ...['weekly', '10.0.0.0/24, web.example.org', '2026-01-01T00:00:00.000Z', ...times],
    ...['mO1SSDe4RxtxYsVnJSPbNhbI_TEQWR_ChG3lRqeX3EE', 17, FILE.ino, FILE.mtimeMs, FILE.size],
  ]);
});
