import { type Caller, LOCAL_CALLER } from '@nmcp/access';
import { IDEMPOTENCY_TTL_SECONDS, type Idempotency } from '@nmcp/queue';
import {
  isNmcpError,
  NmcpError,
  parseTime,
  scannerTypeOf,
  type Task,
  type TaskId,
  taskIdOf,
} from '@nmcp/types';
import type { Services } from '../services.ts';
import { hashRequest } from './hash_request.ts';
import type { Submission } from './submission.ts';

const TTL_MS = IDEMPOTENCY_TTL_SECONDS * 1000;

/**
 * What a submission with an idempotency key comes from. Its task id is made from caller and key, so its folder exists once,
 * whatever the queue's store remembers, and whoever was killed between writing and queueing it.
 */
export interface SubmissionOrigin {
  idempotency: Idempotency;
  /** The id of its task, now. */
  taskId: TaskId;
  /** The id that it had before, in the 48 hours that a key lives. */
  earlierTaskId: TaskId;
}

/** Where a submission comes from; `undefined` without a key. */
export async function originOf(
  { vault, clock }: Services,
  caller: Caller,
  submission: Submission,
): Promise<SubmissionOrigin | undefined> {
  const { request, scanType, credentials } = submission;
  const { idempotency_key: key, ...rest } = request;
  if (key === undefined) return undefined;
  // the hash stands in the queue's store: nobody may try passwords against it
  const secrets = credentials && (await vault.fingerprint(JSON.stringify(credentials)));
  const requestHash = await hashRequest({ ...rest, scanType, credentials: secrets });
  const period = Math.floor(clock() / TTL_MS);
  const idIn = async (each: number): Promise<TaskId> =>
    taskIdOf(
      scannerTypeOf(request.scanner_pool),
      'key',
      await vault.fingerprint(`task of ${JSON.stringify([caller.name, key, each])}`),
    );
  return {
    idempotency: { key: ownKey(caller, key), requestHash },
    taskId: await idIn(period),
    earlierTaskId: await idIn(period - 1),
  };
}

/** v3.0 had one caller; the keys of others are their own, whatever stands in names and keys. */
function ownKey({ name }: Caller, key: string): string {
  return name === LOCAL_CALLER.name ? key : `${name.replaceAll(/[%:]/g, encodeURIComponent)}:${key}`;
}

/**
 * The task that an earlier submission with the key has made: in the data directory, or by what the queue's store remembers of
 * a v3.0 system beside ours.
 *
 * @throws {NmcpError} `conflict` when that was for another request; `unavailable`
 */
export async function findEarlier(
  { tasks, queue, clock }: Services,
  { idempotency, taskId, earlierTaskId }: SubmissionOrigin,
): Promise<Task | undefined> {
  const known = await queue.lookUp(idempotency);
  const ids = new Set([taskId, earlierTaskId, ...(known ? [known.taskId] : [])]);
  for (const id of ids) {
    const task = await tasks.read(id).catch((error: unknown) => {
      if (isNmcpError(error, 'not_found')) return undefined;
      throw error;
    });
    if (!task || clock() - parseTime(task.created_at) >= TTL_MS) continue;
    if (known?.kind === 'conflict' && known.taskId === id) throw keyConflict(id);
    return task;
  }
  return undefined;
}

/** What is said when a key was used for another request. */
export function keyConflict(taskId: TaskId): NmcpError {
  return new NmcpError(
    'conflict',
    `This idempotency key was used for another request, which made the task ${taskId}; use a new key`,
    { title: 'Conflict' },
  );
}
