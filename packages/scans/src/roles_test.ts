import { ROLES } from '@nmcp/access';
import { expect, test } from 'vitest';
import { answerApproval, cancelScan, getOverview, getQueueStatus, getScan, listScans } from './mod.ts';
import { callerOf, stage } from './scans_test_stage.ts';

const alice = callerOf('alice', 'scan');
const viewer = { name: 'manager', scopes: ROLES.viewer };
const operator = { name: 'op', scopes: ROLES.operator };

test('a viewer reads the scans of others in its pools, everywhere', async () => {
  await using s = await stage({ pools: ['nessus', 'nessus_dmz'] });
  const { task } = await s.submit(alice);
  const elsewhere = { ...viewer, pools: ['nessus_dmz'] };
  const { task_id } = task;
  expect((await getScan(s.services, viewer, { task_id })).task_id).toBe(task_id);
  expect((await listScans(s.services, viewer, {})).total).toBe(1);
  expect((await getQueueStatus(s.services, viewer, { scanner_pool: 'nessus' })).next_tasks).toHaveLength(1);
  expect((await getOverview(s.services, viewer, {})).pools.map(({ pool }) => pool)).toEqual([
    'nessus',
    'nessus_dmz',
  ]);
  expect(await listScans(s.services, elsewhere, {})).toEqual({ tasks: [], total: 0 });
  await expect(getScan(s.services, elsewhere, { task_id })).rejects.toMatchObject({ code: 'not_found' });
});

test('and changes none of them, also not with the scopes to scan', async () => {
  await using s = await stage({ policy: 'default:\n  approval: {hosts_above: 1}\n' });
  const { task_id } = (await s.submit(alice)).task;
  await expect(cancelScan(s.services, viewer, { task_id })).rejects.toThrow(/needs the scope scan/);
  await expect(cancelScan(s.services, operator, { task_id })).rejects.toThrow(/belongs to alice/);
  await expect(
    answerApproval(s.services, operator, { task_id, answer: 'yes', asked_in: 'a test' }),
  ).rejects.toThrow(/belongs to alice/);
  await expect(cancelScan(s.services, callerOf('bob', 'scan'), { task_id })).rejects.toThrow(/not found/);
});
