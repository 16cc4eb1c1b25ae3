import { userInfo } from 'node:os';
import type { TaskQueue } from '@nmcp/queue';
import { type OpenServices, openServices } from '@nmcp/runtime';
import { command, formatTable } from '@nmcp/runtime/cli';
import { readSettings } from '@nmcp/settings';
import { approveTask, findDeadLetter, refuseTask, retryDeadTask } from '@nmcp/tasks';
import {
  DEFAULT_POOL,
  isPoolName,
  NmcpError,
  type PoolName,
  parseTaskId,
  redactPayload,
  type Task,
} from '@nmcp/types';
import type { ArgsDef, CommandDef } from 'citty';
import { ACCESS_COMMANDS } from './access_commands.ts';
import { confirm } from './confirm.ts';

const STORE = {
  'redis-url': {
    type: 'string',
    description: 'Queue on Redis (REDIS_URL); without it the embedded one',
    valueHint: 'URL',
  },
  'data-dir': { type: 'string', description: 'Folder of the tasks (DATA_DIR)', valueHint: 'FOLDER' },
  pool: { type: 'string', default: DEFAULT_POOL as string, description: 'Scanner pool' },
} as const satisfies ArgsDef;

const ID = {
  type: 'positional',
  required: true,
  description: 'Id of a dead letter, as list-dlq shows it',
} as const;

interface StoreArgs {
  'redis-url'?: string | undefined;
  'data-dir'?: string | undefined;
  pool: string;
}

const stats = command({
  meta: { name: 'stats', description: 'How many tasks wait, run and are dead' },
  args: {
    ...STORE,
    'all-pools': { type: 'boolean', default: false, description: 'Every pool of the configuration' },
  },
  run: ({ args }) =>
    withStore(args, async ({ queue, registry }, pool) => {
      const pools = args['all-pools'] ? registry.pools() : [pool];
      const rows = await Promise.all(pools.map((name) => statsRow(queue, name)));
      console.log(formatTable(['pool', 'queued', 'in flight', 'dead'], rows));
    }),
});

async function statsRow(queue: TaskQueue, pool: PoolName): Promise<string[]> {
  return [
    pool,
    ...(await Promise.all([queue.depth(pool), queue.inFlight(pool), queue.deadLetterCount(pool)])).map(
      String,
    ),
  ];
}

const listDlq = command({
  meta: { name: 'list-dlq', description: 'Dead letters, newest first' },
  args: { ...STORE, limit: { type: 'string', default: '20', description: 'How many', valueHint: 'N' } },
  run: ({ args }) =>
    withStore(args, async ({ queue }, pool) => {
      const letters = await queue.deadLetters(pool, wholeNumber('--limit', args.limit));
      if (letters.length === 0) console.log(`No dead letters in ${pool}.`);
      else
        console.log(
          formatTable(
            ['id', 'failed at', 'error'],
            letters.map(({ id, failed_at, error }) => [id, failed_at, error]),
          ),
        );
    }),
});

const inspectDlq = command({
  meta: { name: 'inspect-dlq', description: 'One dead letter in full, without its secrets' },
  args: { ...STORE, id: ID },
  run: ({ args }) =>
    withStore(args, async ({ queue }, pool) => {
      const letter = await findDeadLetter(queue, pool, args.id);
      console.log(JSON.stringify({ ...letter, entry: redactPayload(letter.entry) }, null, 2));
    }),
});

const retryDlq = command({
  meta: { name: 'retry-dlq', description: 'Run a dead task again, as a new task' },
  args: { ...STORE, id: ID, yes: { type: 'boolean', alias: 'y', default: false, description: 'Do not ask' } },
  run: ({ args }) =>
    withStore(args, async (services, pool) => {
      await findDeadLetter(services.queue, pool, args.id);
      if (!args.yes && !(await confirm(`Run ${args.id} again?`))) return console.log('Nothing was done.');
      const task = await retryDeadTask(services, pool, args.id);
      console.log(`${task.task_id} repeats ${args.id}.`);
    }),
});

const purgeDlq = command({
  meta: { name: 'purge-dlq', description: 'Remove all dead letters of a pool' },
  args: {
    ...STORE,
    confirm: { type: 'boolean', default: false, description: 'Needed, since it cannot be undone' },
  },
  run: ({ args }) =>
    withStore(args, async ({ queue }, pool) => {
      const count = await queue.deadLetterCount(pool);
      if (!args.confirm)
        throw new NmcpError(
          'invalid_input',
          `purge-dlq would remove ${count} dead letters of ${pool} for good; say so with --confirm`,
        );
      console.log(`${await queue.purgeDeadLetters(pool)} dead letters of ${pool} removed.`);
    }),
});

const TASK_ID = { type: 'positional', required: true, description: 'Id of a task' } as const;

const approvals = command({
  meta: { name: 'approvals', description: "Scans that wait for a person's yes" },
  args: STORE,
  run: ({ args }) =>
    withStore(args, async ({ tasks }) => {
      const waiting = (await tasks.list({ status: 'queued' })).filter(
        ({ approval }) => approval?.state === 'pending',
      );
      if (waiting.length === 0) return console.log('Nothing waits for approval.');
      const rows = waiting.map(({ task_id, owner, payload, approval }) => [
        task_id,
        owner ?? '',
        payload.targets.slice(0, 60),
        approval?.reason ?? '',
        approval?.expires_at ?? '',
      ]);
      return console.log(formatTable(['task', 'caller', 'targets', 'why', 'until'], rows));
    }),
});

const approve = command({
  meta: { name: 'approve', description: 'Say yes to a scan that waits for it' },
  args: {
    ...STORE,
    id: TASK_ID,
    yes: { type: 'boolean', alias: 'y', default: false, description: 'Do not ask' },
  },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const task = await services.tasks.read(parseTaskId(args.id));
      const { targets } = task.payload;
      if (!args.yes && !(await confirm(`Scan ${targets.slice(0, 200)} for ${task.owner ?? 'nobody'}?`)))
        return console.log('Nothing was done.');
      const by = userInfo().username;
      await services.audit.append({
        ...factsOf(task),
        caller: by,
        action: 'scan.approve',
        decision: 'allowed',
      });
      await approveTask(services, task.task_id, by);
      return console.log(`${task.task_id} is approved, and waits for a scanner.`);
    }),
});

const refuse = command({
  meta: { name: 'refuse', description: 'Say no to a scan that waits for a yes' },
  args: { ...STORE, id: TASK_ID },
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
      console.log(`${task.task_id} is refused.`);
    }),
});

function factsOf({ task_id, owner, payload, scanner_pool }: Task): Record<string, string> {
  return { task_id, pool: scanner_pool, targets: payload.targets, owner: owner ?? '' };
}

/** The commands: v3.0's under their names, then ours. */
export const COMMANDS: Readonly<Record<string, CommandDef>> = {
  stats,
  'list-dlq': listDlq,
  'inspect-dlq': inspectDlq,
  'retry-dlq': retryDlq,
  'purge-dlq': purgeDlq,
  approvals,
  approve,
  refuse,
  ...ACCESS_COMMANDS,
};

async function withStore(
  args: StoreArgs,
  run: (services: OpenServices, pool: PoolName) => Promise<void>,
): Promise<void> {
  if (!isPoolName(args.pool))
    throw new NmcpError(
      'invalid_input',
      `--pool ${JSON.stringify(args.pool.slice(0, 60))} is not the name of a pool`,
    );
  const given = { REDIS_URL: args['redis-url'], DATA_DIR: args['data-dir'] };
  const environment = {
    LOG_LEVEL: 'error',
    ...process.env,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const settings = readSettings(environment, { dataDir: 'data/tasks' });
  await using services = await openServices({ settings, environment, app: 'admin-cli' });
  await run(services, args.pool);
}

function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new NmcpError('invalid_input', `${option} ${text}: expected a whole number from 1`);
  return Number(text);
}
