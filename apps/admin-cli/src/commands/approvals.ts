import { userInfo } from 'node:os';
import { command } from '@nmcp/runtime/cli';
import { approveScan, getScan, listApprovals, refuseScan } from '@nmcp/scans';
import type { CommandDef } from 'citty';
import { confirm } from '../confirm.ts';
import { JSON_ARG, oneLine, print, table, YES_ARG } from '../output.ts';
import { OPERATOR, STORE, withStore } from '../store.ts';

const ARGS = { ...STORE, ...JSON_ARG } as const;
const TASK_ID = { type: 'positional', required: true, description: 'Id of a task' } as const;

const approvals = command({
  meta: { name: 'approvals', description: 'List scans waiting for approval', examples: ['approvals'] },
  args: ARGS,
  run: ({ args }) =>
    withStore(args, async (services) => {
      const pending = await listApprovals(services, OPERATOR, {});
      const waiting = pending.map(({ task_id, owner, payload, approval: { reason, expires_at } }) => ({
        task_id,
        caller: owner ?? null,
        targets: payload.targets,
        reason,
        expires_at,
      }));
      print(args, waiting, () =>
        table(
          ['task', 'caller', 'targets', 'why', 'until'],
          waiting.map((one) => [one.task_id, one.caller ?? '', one.targets, one.reason, one.expires_at]),
          'No scan is waiting for approval.',
        ),
      );
    }),
});

const approve = command({
  meta: {
    name: 'approve',
    description: 'Approve a scan that is waiting for approval',
    examples: ['approve ne_scan_20251201_143022_a1b2c3d4'],
  },
  args: { ...ARGS, ...YES_ARG, id: TASK_ID },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const task = await getScan(services, OPERATOR, { task_id: args.id });
      const { targets } = task.payload;
      const question = `Scan ${oneLine(targets).slice(0, 200)} for ${task.owner ?? 'no known caller'}?`;
      if (!args.yes && !(await confirm(question))) return console.log('Nothing was done.');
      await approveScan(services, OPERATOR, { task_id: task.task_id, by: userInfo().username });
      return print(
        args,
        { task_id: task.task_id, approval: 'approved' },
        () => `${task.task_id} is approved and queued.`,
      );
    }),
});

const refuse = command({
  meta: {
    name: 'refuse',
    description: 'Refuse a scan that is waiting for approval',
    examples: ['refuse ne_scan_20251201_143022_a1b2c3d4'],
  },
  args: { ...ARGS, id: TASK_ID },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const task = await refuseScan(services, OPERATOR, { task_id: args.id, by: userInfo().username });
      print(args, { task_id: task.task_id, approval: 'refused' }, () => `${task.task_id} was refused.`);
    }),
});

/** Commands about scans that need approval. */
export const APPROVAL_COMMANDS: Readonly<Record<string, CommandDef>> = { approvals, approve, refuse };
