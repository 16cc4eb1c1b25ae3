import type { Caller } from '@nmcp/access';
import type { DeadLetter } from '@nmcp/queue';
import { NmcpError, type PoolName, parseTaskId, redactPayload, type Task } from '@nmcp/types';
import { type Operation, operation } from './operation.ts';
import { refuseForeignPool, visiblePools } from './ownership.ts';
import { repeat } from './retry_scan.ts';
import type { Services } from './services.ts';

export type { DeadLetter };

/** Which dead letters. */
export interface ListDeadLettersInput {
  /** @default all pools that the caller may use */
  pool?: PoolName | undefined;
  /** Of each pool. */
  limit: number;
}

/** One dead letter. */
export interface DeadLetterInput {
  pool: PoolName;
  /** As {@linkcode listDeadLetters} shows it. */
  id: string;
}

/** Tasks that could not be run, newest first, without credentials. */
export const listDeadLetters: Operation<ListDeadLettersInput, DeadLetter[]> = operation(
  { name: 'list_dead_letters', scope: 'admin' },
  async ({ queue, registry }, caller, { pool, limit }) => {
    if (pool !== undefined) refuseForeignPool(pool, caller);
    const pools = pool === undefined ? visiblePools(registry, caller) : [pool];
    const letters = await Promise.all(pools.map((each) => queue.deadLetters(each, limit)));
    return letters.flat().map(redacted);
  },
);

/** One dead letter, without credentials. @throws {NmcpError} `not_found` */
export const getDeadLetter: Operation<DeadLetterInput, DeadLetter> = operation(
  { name: 'get_dead_letter', scope: 'admin' },
  async (services, caller, input) => redacted(await find(services, caller, input)),
);

/**
 * Retries a dead letter as a new task, with `retry_of`. The dead letter is removed only once the new task is queued.
 *
 * @throws {NmcpError} `not_found`; `invalid_input` for an entry that is no task, or whose credentials are gone;
 *   `policy_denied`, `unavailable`, `storage`
 */
export const retryDeadLetter: Operation<DeadLetterInput, Task> = operation(
  { name: 'retry_dead_letter', scope: 'admin', changes: true },
  async (services, caller, { pool, id }) => {
    await find(services, caller, { pool, id });
    if (id.startsWith('malformed-'))
      throw new NmcpError('invalid_input', 'The entry is not a task, so it cannot be retried');
    return await repeat(services, caller, await services.tasks.read(parseTaskId(id)), pool);
  },
);

/** Removes all dead letters of a pool. @returns how many */
export const purgeDeadLetters: Operation<{ pool: PoolName }, number> = operation(
  { name: 'purge_dead_letters', scope: 'admin', changes: true },
  async ({ queue }, caller, { pool }) => {
    refuseForeignPool(pool, caller);
    return queue.purgeDeadLetters(pool);
  },
);

async function find({ queue }: Services, caller: Caller, { pool, id }: DeadLetterInput): Promise<DeadLetter> {
  refuseForeignPool(pool, caller);
  const all = await queue.deadLetters(pool, Number.MAX_SAFE_INTEGER);
  const found = all.find((letter) => letter.id === id);
  if (found) return found;
  throw new NmcpError(
    'not_found',
    `The pool ${pool} has no dead letter ${JSON.stringify(id.slice(0, 100))}`,
    { title: 'Dead letter not found' },
  );
}

function redacted(letter: DeadLetter): DeadLetter {
  return { ...letter, entry: redactPayload(letter.entry) };
}
