import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, stat, unlink } from 'node:fs/promises';
import { errorCode, storing } from './storage_error.ts';

/** Options of {@linkcode commitFile}. */
export interface CommitFileOptions {
  /** Path of the temporary file, on the same file system. @default `PATH.*.part` */
  part?: string | undefined;
  /** Whether its content is on disk before it has its name; without, a crash of the machine can leave it empty. @default true */
  isSynced?: boolean | undefined;
  /** Called once it counts, with a second name of the file, which may be renamed. */
  whenCommitted?: ((part: string) => Promise<void>) | undefined;
}

/**
 * Gives a file a name that one of several writers gets, whole: a hard link, on POSIX file systems and over NFS. Nothing is
 * held meanwhile, so a writer that is stopped at any point keeps nobody waiting, and has either got the name or not.
 *
 * @returns false when the name was taken
 * @throws {NmcpError} `storage`; then nothing was committed
 */
export async function commitFile(
  path: string,
  text: string,
  options: CommitFileOptions = {},
): Promise<boolean> {
  const { part = partOf(path), isSynced = true, whenCommitted } = options;
  try {
    await storing(part, () => writeNew(part, text, isSynced));
    if (!(await storing(path, () => linkOnce(part, path)))) return false;
    await whenCommitted?.(part);
    return true;
  } finally {
    await unlink(part).catch(() => {});
  }
}

/** Shows a committed file under another name too, in place of what is there. */
export async function showFile(from: string, to: string, part: string = partOf(to)): Promise<void> {
  try {
    await link(from, part);
    await rename(part, to);
  } finally {
    await rm(part, { force: true });
  }
}

function partOf(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.part`;
}

async function writeNew(path: string, text: string, isSynced: boolean): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    if (isSynced) await file.sync();
  } finally {
    await file.close(); // over NFS others can read it from here on
  }
}

/** Over NFS the answer to a link that was made can get lost, and it looks as if somebody else had made it. */
async function linkOnce(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    return (await stat(from)).nlink > 1;
  }
}
