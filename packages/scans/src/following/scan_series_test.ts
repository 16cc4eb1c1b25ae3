import { queuedTask } from '@nmcp/tasks';
import { newTaskId, type Task } from '@nmcp/types';
import { expect, test } from 'vitest';
import { callerOf, stage } from '../scans_test_stage.ts';
import { findEarlier, findLastScans } from './scan_series.ts';

/** A completed scan of a day of January. */
function scanned(
  day: number,
  targets: string,
  { scan_type = 'untrusted', owner = 'alice' }: { scan_type?: Task['scan_type']; owner?: string } = {},
): Task {
  const at = `2026-01-0${day}T00:00:00.000Z`;
  return {
    ...queuedTask({
      ...{ task_id: newTaskId('nessus'), trace_id: 't', scan_type, scanner_type: 'nessus' },
      ...{ scanner_pool: 'nessus' as Task['scanner_pool'], scanner_instance_id: null, created_at: at },
      payload: { targets, name: 'n', description: '', schema_profile: 'brief' },
    }),
    ...{ owner, status: 'completed', started_at: at, completed_at: at },
    validation_stats: {
      ...{ hosts_scanned: 1, total_vulnerabilities: 0, file_size_kb: 1, auth_plugins_found: 0 },
      severity_breakdown: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    },
  };
}

test('scans of the same targets, with or without a login, are a series; of each caller those that it sees', async () => {
  await using s = await stage();
  const [alice, viewer] = [callerOf('alice', 'scan'), callerOf('vera', 'read:all')];
  const [first, login, second, other, third, theirs] = [
    scanned(1, '10.0.0.1, 10.0.0.2'),
    scanned(2, '10.0.0.1,10.0.0.2', { scan_type: 'authenticated' }),
    scanned(3, '10.0.0.2,10.0.0.1'),
    scanned(4, '10.0.0.9'),
    scanned(5, '10.0.0.1,10.0.0.2'),
    scanned(6, '10.0.0.9', { owner: 'bob' }),
  ];
  const tasks = [second, first, third, other, login, theirs];
  for (const task of tasks) await s.services.tasks.create(task);
  const ids = (pairs: readonly { latest: Task; before?: Task | undefined }[]): (string | undefined)[][] =>
    pairs.map(({ latest, before }) => [latest.task_id, before?.task_id]);
  expect(ids(await findLastScans(s.services, alice, { limit: 9 }))).toEqual(
    ids([{ latest: third, before: second }, { latest: other }, { latest: login }]),
  );
  expect(ids(await findLastScans(s.services, viewer, { limit: 2 }))).toEqual(
    ids([
      { latest: theirs, before: other },
      { latest: third, before: second },
    ]),
  );
  const steps = [
    [second.task_id, first.task_id],
    [third.task_id, second.task_id],
  ];
  expect([...(await findEarlier(s.services, alice, { tasks: tasks.slice(0, -1) }))]).toEqual(steps);
  expect([...(await findEarlier(s.services, viewer, { tasks }))]).toEqual([
    ...steps,
    [theirs.task_id, other.task_id],
  ]);
});
