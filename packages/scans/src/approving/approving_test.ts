import { parsePolicy } from '@nmcp/policy';
import { describe, expect, test } from 'vitest';
import {
  answerApproval,
  approveScan,
  cancelScan,
  findApprovalQuestion,
  getScanStatus,
  listApprovals,
  refuseScan,
} from '../mod.ts';
import { callerOf, stage } from '../scans_test_stage.ts';

const alice = callerOf('alice', 'scan:credentials');
const bob = callerOf('bob', 'scan:credentials');
const root = callerOf('root', 'admin');
const BY_USER = 'default: {approval: {credentialed: true}}';
const BY_OPERATOR = 'default: {approval: {credentialed: true, by: operator}}';
const asked_in = 'a test';

describe('a scan that has to be approved', () => {
  test('stands in no queue, and asks whoever may decide', async () => {
    await using s = await stage({ policy: BY_USER });
    const { task, outcome, question } = await s.submitWithLogin(alice);
    const { task_id } = task;
    expect([outcome, question]).toEqual([
      'approval',
      {
        task_id,
        reason: expect.stringMatching(/^it logs in to hosts/),
        targets: '10.0.0.0/28',
        name: 'n',
        scan_type: 'authenticated',
        scanner_pool: 'nessus',
      },
    ]);
    expect(await findApprovalQuestion(s.services, alice, { task_id })).toEqual(question);
    await expect(findApprovalQuestion(s.services, bob, { task_id })).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await s.services.queue.depth(task.scanner_pool)).toBe(0);
    expect(await listApprovals(s.services, bob, {})).toEqual([]);
    expect(await listApprovals(s.services, root, {})).toMatchObject([{ task_id }]);
  });

  test('runs when its owner says yes, which is noted before', async () => {
    await using s = await stage({ policy: BY_USER });
    const { task } = await s.submitWithLogin(alice);
    const { task_id } = task;
    await expect(answerApproval(s.services, bob, { task_id, answer: 'yes', asked_in })).rejects.toMatchObject(
      {
        code: 'not_found',
      },
    );
    expect(await answerApproval(s.services, alice, { task_id, answer: 'nothing', asked_in })).toMatchObject({
      outcome: 'approval',
      task: { approval: { state: 'pending' } },
    });
    expect(await answerApproval(s.services, alice, { task_id, answer: 'yes', asked_in })).toMatchObject({
      outcome: 'queued',
      queue_position: 1,
      task: { approval: { state: 'approved', by: 'alice (asked in a test)' } },
    });
    await expect(answerApproval(s.services, alice, { task_id, answer: 'yes', asked_in })).rejects.toThrow(
      /is approved, and its status is queued/,
    );
    expect(await s.services.queue.depth(task.scanner_pool)).toBe(1);
    expect((await s.audited()).at(-1)).toMatchObject({
      action: 'scan.approve',
      decision: 'allowed',
      caller: 'alice (asked in a test)',
      owner: 'alice',
    });
  });

  test('and waits for an operator cannot be approved by its owner, also when the policy asks for one only later', async () => {
    await using s = await stage({ policy: BY_USER });
    const { task } = await s.submitWithLogin(alice);
    const { task_id } = task;
    s.services.policy.reload(parsePolicy(BY_OPERATOR));
    expect(await findApprovalQuestion(s.services, alice, { task_id })).toBeUndefined();
    await expect(answerApproval(s.services, alice, { task_id, answer: 'yes', asked_in })).rejects.toThrow(
      /needs an operator's approval/,
    );
    await expect(approveScan(s.services, alice, { task_id })).rejects.toThrow(/needs the scope admin/);
    expect(await findApprovalQuestion(s.services, root, { task_id })).toMatchObject({ task_id });
    await approveScan(s.services, root, { task_id, by: 'olga' });
    expect(await getScanStatus(s.services, alice, { task_id })).toMatchObject({
      approval: { state: 'approved', by: 'olga' },
    });
    expect((await s.submitWithLogin(alice)).question).toBeUndefined();
  });

  test.each(['refused', 'canceled', 'expired'] as const)(
    'and is %s ends without its credentials',
    async (how) => {
      let now = Date.UTC(2026, 0, 1);
      await using s = await stage({ policy: BY_USER, clock: () => now });
      const { task } = await s.submitWithLogin(alice);
      const { task_id } = task;
      if (how === 'refused') await refuseScan(s.services, root, { task_id });
      else if (how === 'canceled') await cancelScan(s.services, alice, { task_id });
      else now += 25 * 3_600_000;
      expect(await getScanStatus(s.services, alice, { task_id })).toMatchObject({
        status: 'failed',
        failure_reason: how === 'expired' ? 'approval_expired' : how,
      });
      expect((await s.services.tasks.read(task_id)).payload).not.toHaveProperty('credentials');
      await expect(approveScan(s.services, root, { task_id })).rejects.toMatchObject({ code: 'conflict' });
      expect(await s.services.queue.depth(task.scanner_pool)).toBe(0);
    },
  );
});
