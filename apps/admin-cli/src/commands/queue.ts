import { command } from '@nmcp/runtime/cli';
import {
  getDeadLetter,
  getQueueCounts,
  listDeadLetters,
  purgeDeadLetters,
  retryDeadLetter,
} from '@nmcp/scans';
import { NmcpError, redactPayload } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { confirm } from '../confirm.ts';
import { JSON_ARG, print, table, YES_ARG } from '../output.ts';
import { OPERATOR, POOL_ARG, poolOf, STORE, wholeNumber, withStore } from '../store.ts';

const QUEUE_ARGS = { ...STORE, ...POOL_ARG, ...JSON_ARG } as const;
const ID = {
  type: 'positional',
  required: true,
  description: 'Id of a dead letter, as list-dlq shows it',
} as const;
const LIMIT = { type: 'string', default: '20', description: 'How many', valueHint: 'N' } as const;

const stats = command({
  meta: {
    name: 'stats',
    description: 'Count waiting, running and dead-lettered tasks',
    examples: ['stats', 'stats --pool nessus_dmz', 'stats --json'],
  },
  args: {
    ...STORE,
    ...JSON_ARG,
    pool: { type: 'string', description: 'Only this pool', valueHint: 'POOL' },
    'all-pools': { type: 'boolean', default: false, description: 'All pools, as without --pool' },
  },
  run: async ({ args }) => {
    const pool = args.pool === undefined ? undefined : poolOf(args.pool);
    await withStore(args, async (services) => {
      const pools = pool === undefined || args['all-pools'] ? services.registry.pools() : [pool];
      const rows = await Promise.all(pools.map((each) => getQueueCounts(services, OPERATOR, { pool: each })));
      print(args, rows, () =>
        table(
          ['pool', 'queued', 'in flight', 'dead'],
          rows.map(({ pool: name, queued, in_flight, dead }) => [
            name,
            ...[queued, in_flight, dead].map(String),
          ]),
          'No pool is configured.',
        ),
      );
    });
  },
});

const peek = command({
  meta: {
    name: 'queue peek',
    description: 'List the next tasks of a pool, in the order in which they will run',
    examples: ['queue peek', 'queue peek --pool nessus_dmz --limit 5'],
  },
  args: { ...QUEUE_ARGS, limit: LIMIT },
  run: ({ args }) =>
    withStore(args, async ({ queue }) => {
      const next = await queue.peek(poolOf(args.pool), wholeNumber('--limit', args.limit));
      const shown = next.map((entry) => redactPayload({ ...entry }));
      print(args, shown, () =>
        table(
          ['task', 'type', 'scanner', 'targets'],
          next.map(({ task_id, scan_type, scanner_instance_id, payload }) => [
            task_id,
            scan_type,
            scanner_instance_id ?? 'any',
            String(payload.targets ?? ''),
          ]),
          `No task is waiting in ${args.pool}.`,
        ),
      );
    }),
});

const listDlq = command({
  meta: {
    name: 'list-dlq',
    description: 'List dead letters, newest first',
    examples: ['list-dlq', 'list-dlq --limit 100 --json'],
  },
  args: { ...QUEUE_ARGS, limit: LIMIT },
  run: async ({ args }) => {
    const asked = { pool: poolOf(args.pool), limit: wholeNumber('--limit', args.limit) };
    await withStore(args, async (services) => {
      const letters = await listDeadLetters(services, OPERATOR, asked);
      print(args, letters, () =>
        table(
          ['id', 'failed at', 'error'],
          letters.map(({ id, failed_at, error }) => [id, failed_at, error]),
          `No dead letters in ${args.pool}.`,
        ),
      );
    });
  },
});

const inspectDlq = command({
  meta: {
    name: 'inspect-dlq',
    description: 'Show one dead letter in full, without its secrets, as JSON',
    examples: ['inspect-dlq ne_scan_20251201_143022_a1b2c3d4'],
  },
  args: { ...QUEUE_ARGS, id: ID },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const letter = await getDeadLetter(services, OPERATOR, { pool: poolOf(args.pool), id: args.id });
      console.log(JSON.stringify(letter, null, 2));
    }),
});

const retryDlq = command({
  meta: {
    name: 'retry-dlq',
    description: 'Retry a dead letter, as a new task',
    examples: ['retry-dlq ne_scan_20251201_143022_a1b2c3d4 --yes'],
  },
  args: { ...QUEUE_ARGS, ...YES_ARG, id: ID },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const pool = poolOf(args.pool);
      await getDeadLetter(services, OPERATOR, { pool, id: args.id });
      if (!args.yes && !(await confirm(`Retry ${args.id}?`))) return console.log('Nothing was done.');
      const task = await retryDeadLetter(services, OPERATOR, { pool, id: args.id });
      const { task_id, retry_of } = task;
      return print(args, { task_id, retry_of }, () => `${task_id} retries ${args.id}.`);
    }),
});

const purgeDlq = command({
  meta: {
    name: 'purge-dlq',
    description: 'Remove all dead letters of a pool',
    examples: ['purge-dlq --confirm'],
  },
  args: {
    ...QUEUE_ARGS,
    confirm: { type: 'boolean', default: false, description: 'Required, since it cannot be undone' },
  },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const pool = poolOf(args.pool);
      const { dead: count } = await getQueueCounts(services, OPERATOR, { pool });
      if (!args.confirm && !process.stdin.isTTY)
        throw new NmcpError(
          'invalid_input',
          `purge-dlq would permanently remove ${count} dead letters of ${pool}; to do so, add --confirm`,
        );
      if (!args.confirm && !(await confirm(`Permanently remove ${count} dead letters of ${pool}?`)))
        return console.log('Nothing was done.');
      const removed = await purgeDeadLetters(services, OPERATOR, { pool });
      return print(args, { pool, removed }, () => `${removed} dead letters of ${pool} removed.`);
    }),
});

/** Commands about queues and dead letters; v3.0's under their old names. */
export const QUEUE_COMMANDS: Readonly<Record<string, CommandDef>> = {
  stats,
  'list-dlq': listDlq,
  'inspect-dlq': inspectDlq,
  'retry-dlq': retryDlq,
  'purge-dlq': purgeDlq,
  'queue peek': peek,
};
