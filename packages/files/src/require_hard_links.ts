import { randomBytes } from 'node:crypto';
import { link, open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NmcpError } from '@nmcp/types/core';
import { makeFolder } from './make_folder.ts';
import { errorCode } from './storage_error.ts';

/** Options of {@linkcode requireHardLinks}. */
export interface RequireHardLinksOptions {
  /** How the folder is called in the error. @default `DATA_DIR` */
  name?: string;
  /** Makes a hard link. @default that of the file system */
  makeLink?: (from: string, to: string) => Promise<void>;
}

/** Why a folder cannot be used, and whose it is. */
export async function whyNoAccess(folder: string): Promise<string> {
  const us = process.getuid?.() ?? process.env.USERNAME ?? 'unknown';
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined)
    return `${folder} cannot be made by user ${us}. Make it, with that user as its owner, or name another folder`;
  const { uid, mode } = found;
  return `${folder} cannot be used by user ${us}: it belongs to user ${uid} (mode ${(mode & 0o777).toString(8)}). Make the user that runs the servers its owner, or name another folder`;
}

/**
 * Checks at the start that a folder can hold what {@linkcode commitFile} writes; it is made where it is missing.
 *
 * @throws {NmcpError} `invalid_config` when its file system has no hard links, or this user may not use it
 */
export async function requireHardLinks(
  folder: string,
  { name = 'DATA_DIR', makeLink = link }: RequireHardLinksOptions = {},
): Promise<void> {
  const probe = join(folder, `.links.${randomBytes(6).toString('hex')}.part`);
  try {
    await makeFolder(folder, 0o700);
    await (await open(probe, 'wx', 0o600)).close();
    await makeLink(probe, `${probe}.part`);
  } catch (error) {
    const code = errorCode(error) ?? '';
    if (code === 'EACCES')
      throw new NmcpError('invalid_config', `${name}: ${await whyNoAccess(folder)}`, { cause: error });
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(code)) return; // a full disk says so later
    throw new NmcpError(
      'invalid_config',
      `${name} ${folder} is on a file system without hard links (${code}), by which one of several writers is chosen: put it on a local disk, on NFS, or on another file system that has them`,
      { cause: error },
    );
  } finally {
    await rm(probe, { force: true }).catch(() => {});
    await rm(`${probe}.part`, { force: true }).catch(() => {});
  }
}
