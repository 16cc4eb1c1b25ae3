import { userInfo } from 'node:os';
import { command } from '@nmcp/runtime/cli';
import { approveTask, refuseTask } from '@nmcp/tasks';
import { parseTaskId, type Task } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { confirm } from '../confirm.ts';
import { JSON_ARG, oneLine, print, table, YES_ARG } from '../output.ts';
import { STORE, withStore } from '../store.ts';

const ARGS = { ...STORE, ...JSON_ARG } as const;
const TASK_ID = { type: 'positional', required: true, description: 'Id of a task' } as const;

const approvals = command({
  meta: { name: 'approvals', description: "Scans that wait for a person's yes", examples: ['approvals'] },
  args: ARGS,
  run: ({ args }) =>
    withStore(args, async ({ tasks }) => {
      const waiting = (await tasks.list({ status: 'queued' }))
        .filter(({ approval }) => approval?.state === 'pending')
        .map(({ task_id, owner, payload, approval }) => ({
          task_id,
          caller: owner ?? null,
          targets: payload.targets,
          reason: approval?.reason ?? '',
          expires_at: approval?.expires_at ?? '',
        }));
      print(args, waiting, () =>
        table(
          ['task', 'caller', 'targets', 'why', 'until'],
          waiting.map((one) => [one.task_id, one.caller ?? '', one.targets, one.reason, one.expires_at]),
          'Nothing waits for approval.',
        ),
      );
    }),
});

const approve = command({
  meta: {
    name: 'approve',
    description: 'Say yes to a scan that waits for it',
    examples: ['approve ne_scan_20251201_143022_a1b2c3d4'],
  },
  args: { ...ARGS, ...YES_ARG, id: TASK_ID },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const task = await services.tasks.read(parseTaskId(args.id));
      const { targets } = task.payload;
      const question = `Scan ${oneLine(targets).slice(0, 200)} for ${task.owner ?? 'nobody'}?`;
      if (!args.yes && !(await confirm(question))) return console.log('Nothing was done.');
      const by = userInfo().username;
      await services.audit.append({
        ...factsOf(task),
        caller: by,
        action: 'scan.approve',
        decision: 'allowed',
      });
      await approveTask(services, task.task_id, by);
      return print(
        args,
        { task_id: task.task_id, approval: 'approved' },
        () => `${task.task_id} is approved, and waits for a scanner.`,
      );
    }),
});

const refuse = command({
  meta: {
    name: 'refuse',
    description: 'Say no to a scan that waits for a yes',
    examples: ['refuse ne_scan_20251201_143022_a1b2c3d4'],
  },
  args: { ...ARGS, id: TASK_ID },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const by = userInfo().username;
      const task = await refuseTask(services, parseTaskId(args.id), by);
      await services.audit.append({
        ...factsOf(task),
        caller: by,
        action: 'scan.approve',
        decision: 'denied',
      });
      print(args, { task_id: task.task_id, approval: 'refused' }, () => `${task.task_id} is refused.`);
    }),
});

function factsOf({ task_id, owner, payload, scanner_pool }: Task): Record<string, string> {
  return { task_id, pool: scanner_pool, targets: payload.targets, owner: owner ?? '' };
}

/** Commands about scans that a person has to allow. */
export const APPROVAL_COMMANDS: Readonly<Record<string, CommandDef>> = { approvals, approve, refuse };
