import { messageOf, NmcpError } from '@nmcp/types';

/** Reasons of a failed write that a person can mend, in words. */
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
    const code = errorCode(error);
    if (code === undefined || error instanceof NmcpError) throw error;
    throw new NmcpError('storage', `${path} cannot be written: ${REASONS[code] ?? messageOf(error)}`, {
      title: 'Storage error',
      cause: error,
    });
  }
}

/** The code of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
