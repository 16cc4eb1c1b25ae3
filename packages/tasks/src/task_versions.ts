import { randomBytes } from 'node:crypto';
import { readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { commitFile, errorCode, showFile, syncFolder } from '@nmcp/files';

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
 * Commits a version: a hard link to its name, which one of several writers gets. Then it is shown as task.json, for readers
 * that know nothing of versions.
 *
 * @returns false when another writer has committed this version
 * @throws {NmcpError} `storage`; then nothing was committed
 */
export async function commitVersion(folder: string, version: number, text: string): Promise<boolean> {
  return await commitFile(versionPath(folder, version), text, {
    part: partIn(folder),
    // committed: what fails from here on is mended by the next reader
    async whenCommitted(part) {
      if (!(await hasVersion(folder, version + 1).catch(() => false)))
        await rename(part, join(folder, 'task.json')).catch(() => {});
      await syncFolder(folder).catch(() => {});
    },
  });
}

/** Shows a version as task.json again, after a writer was stopped between its commit and that. */
export async function showVersion(folder: string, version: number): Promise<void> {
  await showFile(versionPath(folder, version), join(folder, 'task.json'), partIn(folder));
}

/** A name that is none of a version. */
function partIn(folder: string): string {
  return join(folder, `.task.${randomBytes(6).toString('hex')}.part`);
}
