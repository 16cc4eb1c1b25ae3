import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { parseTaskId, type Task, V3_TASK_KEYS } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { createTaskStore, endedTask } from './mod.ts';
import { newTask, openStore, running } from './task_store_test_bench.ts';

/** v3.0's `Task(**json)`: a key too many is an error, and so is a missing one without a default. */
function readAsV3(text: string): Record<string, unknown> {
  const task = JSON.parse(text);
  expect(Object.keys(task).toSorted()).toEqual([...V3_TASK_KEYS].toSorted());
  expect(['queued', 'running', 'completed', 'failed', 'timeout']).toContain(task.status);
  for (const key of ['task_id', 'trace_id', 'scan_type', 'scanner_type', 'created_at'])
    expect([key, typeof task[key]]).toEqual([key, 'string']);
  return task;
}

/** A task with everything that ours knows and v3.0 does not. */
const everything: Partial<Task> = {
  failure_reason: 'scanner',
  waiting: { since: '2026-01-01T00:00:00.000Z', said: '502' },
  nessus_history_id: 12,
  partial: true,
  attempts: 3,
  owner: 'alice',
  approval: { state: 'approved', reason: 'r', expires_at: '2026-01-01T00:00:00.000Z', by: 'bob' },
  intent: { phase: 'launching', fence: 9, at: '2026-01-01T00:00:00.000Z' },
  unanswered_create: true,
  attempts_forgiven: 1,
  cancel: { at: '2026-01-01T00:00:00.000Z', by: 'alice' },
  attached: true,
  credential_targets: ['10.0.0.0/8'],
  request_hash: 'f'.repeat(64),
  traceparent: '00-1-2-01',
  retry_of: parseTaskId('ne_scan_20251201_143022_a1b2c3d4'),
  validation_stats: {
    hosts_scanned: 5,
    total_vulnerabilities: 24,
    severity_breakdown: { critical: 11, high: 9, medium: 3, low: 1, info: 16 },
    file_size_kb: 120.5,
    auth_plugins_found: 2,
  },
};

describe('a task.json of ours', () => {
  test('is read by v3.0 at every step, and loses nothing', async () => {
    await using t = await openStore();
    const { task_id } = newTask();
    await t.store.create(newTask('10.0.0.1', task_id));
    const shown = async (): Promise<Record<string, unknown>> =>
      readAsV3(await readFile(t.store.paths(task_id).task, 'utf8'));
    expect(await shown()).toMatchObject({ status: 'queued', payload: { targets: '10.0.0.1' } });
    await t.store.change(task_id, 4, (task) => ({ ...running(task), ...everything }) as Task);
    expect(await shown()).toMatchObject({
      status: 'running',
      validation_stats: { severity_counts: { critical: 11 }, file_size_bytes: 123_392 },
    });
    await t.store.noteProgress(task_id, 4, { progress: 40 });
    await shown();
    const again = createTaskStore({ dataDir: t.dataDir });
    expect(await again.read(task_id)).toMatchObject({ ...everything, lease_fence: 4, progress: 40 });
    await again.change(task_id, 4, (task) =>
      endedTask(task, { status: 'failed', at: 0, error_message: 'why' }),
    );
    expect(await shown()).toMatchObject({ status: 'failed', error_message: 'why' });
  });
});

/** As v3.0 wrote it, from what its programs left in a data directory. */
const V3 = {
  trace_id: 't',
  scan_type: 'untrusted',
  scanner_type: 'nessus',
  scanner_instance_id: 'scanner1',
  scanner_pool: 'nessus',
  status: 'completed',
  payload: { targets: '10.0.0.1', name: 'n' },
  created_at: '2025-12-01T14:30:22.123456',
  started_at: '2025-12-01T14:31:00.000001',
  completed_at: '2025-12-01T15:00:00.000001',
  nessus_scan_id: 7,
  error_message: null,
  validation_stats: null,
  validation_warnings: null,
  authentication_status: null,
};

describe('a task.json of v3.0', () => {
  const id = parseTaskId('ne_scan_20251201_143022_a1b2c3d4');

  test.each<[string, object, object]>([
    [
      'its counts',
      {
        validation_stats: {
          hosts_scanned: 5,
          total_vulnerabilities: 24,
          severity_counts: { critical: 11, high: 9, medium: 3, low: 1, info: 16 },
          file_size_bytes: 2048,
          auth_plugins_found: ['19506'],
        },
      },
      {
        validation_stats: {
          total_vulnerabilities: 24,
          severity_breakdown: { critical: 11, high: 9, medium: 3, low: 1, info: 16 },
          file_size_kb: 2,
          auth_plugins_found: 1,
        },
      },
    ],
    [
      'a login of which nothing is known',
      { authentication_status: 'unknown' },
      { authentication_status: 'unknown' },
    ],
    ['an empty payload', { payload: {} }, { payload: { targets: '', name: '' } }],
    ['no time of its end', { completed_at: null }, { completed_at: V3.started_at }],
    ['a scan id as text', { nessus_scan_id: '42' }, { nessus_scan_id: 42 }],
    ['an old name of the kind of scan', { scan_type: 'trusted_basic' }, { scan_type: 'authenticated' }],
    ['no time of its start', { status: 'running', started_at: null }, { started_at: V3.created_at }],
  ])('with %s is read', async (_what, written, read) => {
    await using t = await openStore();
    await mkdir(t.store.paths(id).folder, { recursive: true });
    await writeFile(t.store.paths(id).task, JSON.stringify({ ...V3, task_id: id, ...written }));
    expect(await t.store.read(id)).toMatchObject(read);
    expect(await t.store.damaged()).toEqual([]);
  });

  test('that is damaged is named, with the time of its last change', async () => {
    await using t = await openStore();
    await mkdir(t.store.paths(id).folder, { recursive: true });
    await writeFile(t.store.paths(id).task, '{"task_id":');
    await utimes(t.store.paths(id).folder, 1000, 1000);
    expect(await t.store.damaged()).toEqual([{ task_id: id, changedAt: 1_000_000 }]);
  });
});
