import { DEFAULT_POOL, newTaskId, type Task } from '@nmcp/types';
import { expect, test } from 'vitest';
import { getScanStatus } from '../mod.ts';
import { callerOf, stage } from '../scans_test_stage.ts';
import { estimateWait } from './wait_estimate.ts';

const alice = callerOf('alice', 'scan');

test('a task that waits says which scanner it will run on, and of which kind that is', async () => {
  await using s = await stage();
  const { task } = await s.submit(alice);
  expect(await getScanStatus(s.services, alice, { task_id: task.task_id })).toMatchObject({
    status: 'queued',
    scanner_type: 'nessus',
    scanner_instance: 's1',
  });
});

test('the wait comes from how long the last scans took, and is 15 minutes a position where there are none', async () => {
  await using s = await stage();
  const { services } = s;
  const position = (n: number): Promise<number> => estimateWait(services, DEFAULT_POOL, n);
  expect([await position(1), await position(4)]).toEqual([15, 60]);
  const { task } = await s.submit(alice);
  const durations = [4, 10, 30];
  const completed = durations.map(
    (minutes): Task => ({
      ...task,
      task_id: newTaskId('nessus'),
      status: 'completed',
      progress: 100,
      started_at: '2026-01-01T00:00:00.000Z',
      completed_at: new Date(Date.UTC(2026, 0, 1, 0, minutes)).toISOString(),
      validation_stats: null as never, // nothing asks for it
      validation_warnings: [],
      authentication_status: 'not_applicable',
    }),
  );
  const tasks = { ...services.tasks, list: async () => completed };
  const { total_capacity: slots } = await services.registry.status(DEFAULT_POOL);
  const later = (n: number): Promise<number> => estimateWait({ ...services, tasks }, DEFAULT_POOL, n);
  expect(await later(slots)).toBe(0); // slots are free
  expect(await later(slots + 1)).toBe(10);
  expect(await later(2 * slots + 1)).toBe(20);
});
