import { estimateTokens } from '@nmcp/schema';
import { queuedTask } from '@nmcp/tasks';
import { DEFAULT_POOL, newTaskId, type Task } from '@nmcp/types';
import { expect, test } from 'vitest';
import { briefListing, scanStatus, taskListing } from './scan_status.ts';

const targets = Array.from({ length: 2500 }, (_, i) => `10.20.${Math.floor(i / 250)}.${1 + (i % 250)}`).join(
  ',',
);

function taskOf(more: Partial<Task> = {}, given = targets): Task {
  const task = queuedTask({
    task_id: newTaskId('nessus', { now: new Date(0) }),
    trace_id: '0f2c3a51-9a0e-4f4a-9d9c-3f0a0a8c6e11',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_pool: DEFAULT_POOL,
    scanner_instance_id: null,
    payload: { targets: given, name: 'Campus weekly', description: '', schema_profile: 'brief' },
    created_at: '2026-03-09T09:00:00.000Z',
  });
  return { ...task, ...more } as Task; // of the states that the test needs
}

test('long targets are folded and counted, and spelled out when asked for', () => {
  const status = scanStatus(taskOf());
  expect(status.targets).toMatch(/^10\.20\.0\.1-250, 10\.20\.1\.1-250, /);
  expect(status.targets.length).toBeLessThanOrEqual(200);
  expect(status.target_count).toBe(2500);
  expect(scanStatus(taskOf(), { fullTargets: true }).targets).toBe(targets);
  expect(taskListing(taskOf({}, '10.0.0.0/28, web'))).toMatchObject({ targets: '10.0.0.0/28, web' });
  expect(taskListing(taskOf({}, '10.0.0.0/28, web'))).not.toHaveProperty('target_count');
});

test('a scan says when it ran, with which policy, and whether the scanner could log in', () => {
  const ran = {
    policy_name: 'Advanced',
    scan_start: '2026-03-02T09:00:00.000Z',
    scan_end: '2026-03-02T10:00:00.000Z',
  };
  const task = taskOf({ status: 'completed', authentication_status: 'partial', ran } as Partial<Task>);
  expect(scanStatus(task)).toMatchObject({ ...ran, credentialed: 'partial' });
  expect(briefListing(task)).toMatchObject({
    policy_name: 'Advanced',
    scan_start: ran.scan_start,
    credentialed: 'partial',
  });
});

test('a line of a list is short, and has nothing that is null', () => {
  const line = briefListing(
    taskOf({ status: 'completed', completed_at: '2026-03-09T09:00:00.000Z' } as Partial<Task>),
  );
  expect(Object.values(line)).not.toContain(null);
  expect(estimateTokens(JSON.stringify(line))).toBeLessThan(150);
  expect(briefListing(taskOf(), { fullTargets: true }).targets).toBe(targets);
});
