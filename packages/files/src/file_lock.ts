import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { NmcpError } from '@nmcp/types';
import { errorCode, storageError } from './storage_error.ts';

/** An older holder was killed: what the lock guards takes milliseconds. */
const STALE_MS = 10_000;
const WAIT_MS = 3;

/**
 * Runs an action while no other process runs one under the same lock file.
 *
 * @throws {NmcpError} `storage` when the lock cannot be acquired; what the action throws passes through
 */
export async function withFileLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  await acquire(path);
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string): Promise<void> {
  const end = performance.now() + 2 * STALE_MS;
  while (true) {
    try {
      const file = await open(path, 'wx', 0o600);
      await file.close();
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw storageError(path, error);
      if (performance.now() > end)
        throw new NmcpError('storage', `${path} is held by another process`, { cause: error });
      await removeStale(path);
      await delay(WAIT_MS);
    }
  }
}

/** If several see a stale lock, one moves it away. */
async function removeStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (!found || Date.now() - found.mtimeMs < STALE_MS) return;
  const away = `${path}.${randomBytes(4).toString('hex')}.part`;
  await rename(path, away).catch(() => {}); // another one was first
  await rm(away, { force: true });
}
