import type { Claim, TaskQueue } from '@nmcp/queue';
import type { TaskStore } from '@nmcp/tasks';
import { isSealed, NmcpError, type ScanCredentials, StoredCredentialsSchema, type Task } from '@nmcp/types';
import type { Vault } from '@nmcp/vault';
import * as v from 'valibot';

/** What sealing works with. */
export interface SealContext {
  tasks: TaskStore;
  queue: TaskQueue;
  /** Absent: what is plain stays plain. */
  vault?: Vault | undefined;
}

/**
 * Seals what a v3.0 producer wrote: the credentials in task.json, and takes them out of the queue's entry.
 *
 * @returns the claim, with an entry that holds no secret
 */
export async function sealCredentials(claim: Claim, { tasks, queue, vault }: SealContext): Promise<Claim> {
  const { credentials: given, ...payload } = claim.entry.payload;
  if (!vault) return claim;
  const task = await tasks.read(claim.entry.task_id);
  const credentials = task.payload.credentials ?? parse(given);
  if (credentials && !isSealed(credentials)) {
    const sealed = await vault.seal(task.task_id, credentials);
    await tasks.change(task.task_id, claim.fence, (before) => ({
      ...before,
      payload: { ...before.payload, credentials: sealed },
    }));
  }
  if (given === undefined) return claim;
  const entry = { ...claim.entry, payload };
  if (!(await queue.rewrite(claim, entry)))
    throw new NmcpError('stale_lease', `The lease of task ${task.task_id} was lost`);
  return { ...claim, entry };
}

/** The credentials of a task, opened. @throws {NmcpError} `invalid_config` without the key */
export async function openCredentials(
  { task_id, payload }: Task,
  vault: Vault | undefined,
): Promise<ScanCredentials | undefined> {
  const { credentials } = payload;
  if (!credentials || !isSealed(credentials)) return credentials;
  if (!vault)
    throw new NmcpError(
      'invalid_config',
      'The credentials are sealed, and this worker has no key to open them',
    );
  const opened = parse(await vault.open(task_id, credentials));
  if (opened && !isSealed(opened)) return opened;
  throw new NmcpError('internal', 'What was sealed are no credentials');
}

function parse(value: unknown): Task['payload']['credentials'] {
  const result = v.safeParse(StoredCredentialsSchema, value);
  return result.success ? result.output : undefined;
}
