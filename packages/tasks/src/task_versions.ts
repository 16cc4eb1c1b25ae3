import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, storing, syncFolder } from '@nmcp/files';
import { NmcpError } from '@nmcp/types';

/** How the names of a task's versions begin. */
const PREFIX = '.task-';

/** Path of one version of a task. Once a name is taken, it stays taken: that is what decides between two writers. */
export function versionPath(folder: string, version: number): string {
  return join(folder, `${PREFIX}${version}.json`);
}

/** Whether a file is a version of a task. */
export function isVersionFile(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** The text of a version; `undefined` when there is none. */
export async function readVersion(folder: string, version: number): Promise<string | undefined> {
  try {
    return await readFile(versionPath(folder, version), 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Whether there is a version. */
export async function hasVersion(folder: string, version: number): Promise<boolean> {
  return await stat(versionPath(folder, version)).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
}

/**
 * Commits a version: a hard link to its name, which one of several writers gets, on POSIX file systems and over NFS. Then it
 * is shown as task.json, for readers that know nothing of versions.
 *
 * @returns false when another writer has committed this version
 * @throws {NmcpError} `storage`; then nothing was committed
 */
export async function commitVersion(folder: string, version: number, text: string): Promise<boolean> {
  const part = join(folder, `.task.${randomBytes(6).toString('hex')}.part`);
  const target = versionPath(folder, version);
  try {
    await storing(part, () => writeSynced(part, text));
    if (!(await storing(target, () => linkOnce(part, target)))) return false;
    // committed: what fails from here on is mended by the next reader
    if (!(await hasVersion(folder, version + 1).catch(() => false)))
      await rename(part, join(folder, 'task.json')).catch(() => {});
    await syncFolder(folder).catch(() => {});
    return true;
  } finally {
    await rm(part, { force: true });
  }
}

/** Shows a version as task.json again, after a writer was stopped between its commit and that. */
export async function showVersion(folder: string, version: number): Promise<void> {
  const part = join(folder, `.task.${randomBytes(6).toString('hex')}.part`);
  try {
    await link(versionPath(folder, version), part);
    await rename(part, join(folder, 'task.json'));
  } finally {
    await rm(part, { force: true });
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
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

/**
 * Checks at the start that a folder can hold tasks; it is made where it is missing.
 *
 * @param makeLink makes a hard link. @default that of the file system
 * @throws {NmcpError} `invalid_config` when its file system has no hard links
 */
export async function requireHardLinks(
  folder: string,
  makeLink: (from: string, to: string) => Promise<void> = link,
): Promise<void> {
  const probe = join(folder, `.links.${randomBytes(6).toString('hex')}.part`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await (await open(probe, 'wx', 0o600)).close();
    await makeLink(probe, `${probe}.part`);
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(code)) return; // a full disk says so later
    throw new NmcpError(
      'invalid_config',
      `DATA_DIR ${folder} is on a file system without hard links (${code}), which tasks need: put it on a local disk, on NFS, or on another file system that has them`,
      { cause: error },
    );
  } finally {
    await rm(probe, { force: true }).catch(() => {});
    await rm(`${probe}.part`, { force: true }).catch(() => {});
  }
}
