import { isNmcpError, messageOf, NmcpError } from '@nmcp/types/core';

/** Reasons for a failed write that a person can fix, in words. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EMFILE: 'too many files are open',
};

/** Runs an action on files; what fails there becomes an {@linkcode NmcpError} `storage` that names the path. */
export async function storing<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storageError(path, error);
  }
}

/** A failed system call as an {@linkcode NmcpError}; what is none stays as it is, and so does a file that is not there. */
export function storageError(path: string, error: unknown, doing: 'read' | 'written' = 'written'): unknown {
  const code = errorCode(error);
  if (code === undefined || error instanceof NmcpError) return error;
  return new NmcpError('storage', `${path} cannot be ${doing}: ${REASONS[code] ?? messageOf(error)}`, {
    title: 'Storage error',
    cause: error,
  });
}

/** Errors that an operator can fix while a task waits, so that the write then succeeds. */
const PASSING: ReadonlySet<string | undefined> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE']);

/** Whether the disk cannot be written at the moment: it is full, or read-only. */
export function isPassingStorageError(error: unknown): error is NmcpError {
  return isNmcpError(error, 'storage') && PASSING.has(errorCode(error.cause));
}

/** The code of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
