import { command } from '@nmcp/runtime/cli';
import { cancelScan, followScan, getScan, listScans, ranAt, retryScan } from '@nmcp/scans';
import { isFinal, NmcpError, redactPayload, SCAN_STATES, type Task } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { confirm } from '../confirm.ts';
import { JSON_ARG, listing, oneLine, print, table, YES_ARG } from '../output.ts';
import { OPERATOR, poolOf, STORE, wholeNumber, withStore } from '../store.ts';

const ARGS = { ...STORE, ...JSON_ARG } as const;
const ID = {
  type: 'positional',
  required: true,
  description: 'Id of a task, as tasks list shows it',
} as const;
const EXAMPLE_ID = 'ne_scan_20251201_143022_a1b2c3d4';

const list = command({
  meta: {
    name: 'tasks list',
    description: 'List tasks, newest first',
    examples: ['tasks list', 'tasks list --status running', 'tasks list --targets 10.0.0.0/24 --json'],
  },
  args: {
    ...ARGS,
    limit: { type: 'string', default: '20', description: 'How many', valueHint: 'N' },
    status: { type: 'string', description: `One of ${SCAN_STATES.join(', ')}`, valueHint: 'STATE' },
    pool: { type: 'string', description: 'Only tasks of this pool', valueHint: 'POOL' },
    targets: { type: 'string', description: 'Only tasks whose targets overlap these', valueHint: 'TARGETS' },
    owner: { type: 'string', description: 'Only tasks of this caller', valueHint: 'NAME' },
  },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const status = SCAN_STATES.find((state) => state === args.status);
      if (args.status !== undefined && !status)
        throw new NmcpError(
          'invalid_input',
          `--status ${JSON.stringify(args.status.slice(0, 40))}: expected one of ${SCAN_STATES.join(', ')}`,
        );
      const { targets, owner } = args;
      const pool = args.pool === undefined ? undefined : poolOf(args.pool);
      const limit = wholeNumber('--limit', args.limit);
      const asked = { status, scanner_pool: pool, targets, owner, limit };
      const { tasks: shown, total } = await listScans(services, OPERATOR, asked);
      print(args, { tasks: shown.map(withoutSecrets), total }, () => {
        const rows = shown.map((task) => [
          task.task_id,
          task.status,
          task.status === 'running' ? `${task.progress ?? 0} %` : '',
          `${(ranAt(task) ?? '').slice(0, 16).replace('T', ' ')}Z`,
          task.owner ?? '',
          task.scanner_instance_id ?? task.scanner_pool,
          task.payload.name,
          task.payload.targets,
        ]);
        const more = total > shown.length ? `\n  ${total - shown.length} more` : '';
        return (
          table(['task', 'state', 'done', 'ran', 'owner', 'scanner', 'name', 'targets'], rows, 'No tasks.') +
          more
        );
      });
    }),
});

const show = command({
  meta: {
    name: 'tasks show',
    description: 'Show one task in full, without its secrets, and which worker holds it',
    examples: [`tasks show ${EXAMPLE_ID}`, `tasks show ${EXAMPLE_ID} --json`],
  },
  args: { ...ARGS, id: ID },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const { tasks, queue } = services;
      const task = await getScan(services, OPERATOR, { task_id: args.id });
      const held_by = (await queue.holder(task.scanner_pool, task.task_id)) ?? null;
      const in_queue = await queue.has(task.scanner_pool, task.task_id);
      const shown = { ...withoutSecrets(task), in_queue, held_by, folder: tasks.paths(task.task_id).folder };
      print(args, shown, () => listing({ ...shown, payload: undefined, ...shown.payload }));
    }),
});

const cancel = command({
  meta: {
    name: 'tasks cancel',
    description: 'Cancel a task: a waiting one never runs, a running one is stopped on its scanner',
    examples: [`tasks cancel ${EXAMPLE_ID} --yes`],
  },
  args: { ...ARGS, ...YES_ARG, id: ID },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const { task_id: id, status, payload } = await getScan(services, OPERATOR, { task_id: args.id });
      const question = `Cancel ${id} (${status}, ${oneLine(payload.name).slice(0, 80)})?`;
      if (!args.yes && !isFinal(status) && !(await confirm(question)))
        return console.log('Nothing was done.');
      const { outcome, task } = await cancelScan(services, OPERATOR, { task_id: id });
      const words = {
        canceled: `${id} was canceled.`,
        requested: `${id} is being stopped; its worker does so at its next poll.`,
        ended: `${id} had already ended: it is ${task.status}.`,
      };
      return print(args, { task_id: id, outcome, status: task.status }, () => words[outcome]);
    }),
});

const retry = command({
  meta: {
    name: 'tasks retry',
    description: 'Retry a task that failed or timed out, as a new task',
    examples: [`tasks retry ${EXAMPLE_ID}`],
  },
  args: { ...ARGS, id: ID },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const { task_id, retry_of } = await retryScan(services, OPERATOR, { task_id: args.id });
      print(args, { task_id, retry_of }, () => `${task_id} retries ${retry_of}.`);
    }),
});

const watch = command({
  meta: {
    name: 'tasks watch',
    description: 'Follow a task until it ends; the exit code is 0 if it completes',
    examples: [`tasks watch ${EXAMPLE_ID}`, `tasks watch ${EXAMPLE_ID} --json`],
  },
  args: { ...ARGS, id: ID },
  run: ({ args }) =>
    withStore(args, async (services) => {
      let last: Task | undefined;
      for await (const task of await followScan(services, OPERATOR, { task_id: args.id })) {
        last = task;
        const { task_id, status, progress = null, error_message } = task;
        if (args.json) console.log(JSON.stringify({ task_id, status, progress, error_message }));
        else
          console.log(
            [status, status === 'running' ? `${progress ?? 0} %` : '', error_message ?? '']
              .join(' ')
              .trimEnd(),
          );
      }
      if (last?.status !== 'completed') process.exitCode = 1;
    }),
});

function withoutSecrets(task: Task): Task & { payload: Record<string, unknown> } {
  return {
    ...task,
    payload: redactPayload({ ...task.payload }) as unknown as Task['payload'] & Record<string, unknown>,
  }; // of the same fields
}

/** Commands about tasks. */
export const TASK_COMMANDS: Readonly<Record<string, CommandDef>> = {
  'tasks list': list,
  'tasks show': show,
  'tasks cancel': cancel,
  'tasks retry': retry,
  'tasks watch': watch,
};
