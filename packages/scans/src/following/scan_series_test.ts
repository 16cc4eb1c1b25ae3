import { queuedTask } from '@nmcp/tasks';
import { newTaskId, type Task } from '@nmcp/types';
import { expect, test } from 'vitest';
import { earlierOf, pairsOf } from './scan_series.ts';

/** A completed scan of a day of January. */
function scanned(day: number, targets: string, scan_type: Task['scan_type'] = 'untrusted'): Task {
  const at = `2026-01-0${day}T00:00:00.000Z`;
  return {
    ...queuedTask({
      ...{ task_id: newTaskId('nessus'), trace_id: 't', scan_type, scanner_type: 'nessus' },
      ...{ scanner_pool: 'nessus' as Task['scanner_pool'], scanner_instance_id: null, created_at: at },
      payload: { targets, name: 'n', description: '', schema_profile: 'brief' },
    }),
    ...{ status: 'completed', started_at: at, completed_at: at },
    validation_stats: {
      ...{ hosts_scanned: 1, total_vulnerabilities: 0, file_size_kb: 1, auth_plugins_found: 0 },
      severity_breakdown: { critical: 0, high: 0, medium: 0, low: 0, info: 0 },
    },
  };
}

test('scans of the same targets, with or without a login, are a series', () => {
  const [first, login, second, other, third] = [
    scanned(1, '10.0.0.1, 10.0.0.2'),
    scanned(2, '10.0.0.1,10.0.0.2', 'authenticated'),
    scanned(3, '10.0.0.2,10.0.0.1'),
    scanned(4, '10.0.0.9'),
    scanned(5, '10.0.0.1,10.0.0.2'),
  ];
  const all = [second, first, third, other, login];
  expect(pairsOf(all)).toEqual([{ latest: third, before: second }, { latest: other }, { latest: login }]);
  expect([...earlierOf(all)]).toEqual([
    [third.task_id, second.task_id],
    [second.task_id, first.task_id],
  ]);
});
