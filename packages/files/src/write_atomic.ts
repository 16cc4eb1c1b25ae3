import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { storing } from './storage_error.ts';

/** The part of a file handle that writing needs. */
export type WritableFile = Pick<FileHandle, 'writev' | 'sync' | 'close'>;

/** Options of {@linkcode writeAtomic}. */
export interface WriteAtomicOptions {
  /** Opens the temporary file. @default a new file that only its owner can read */
  open?: (path: string) => Promise<WritableFile>;
}

/**
 * Writes a file so that readers and crashes see all of it or none: to `PATH.*.part`, fsync, rename, fsync of the folder.
 *
 * @returns the number of bytes
 * @throws {NmcpError} `storage` when the disk cannot be written; the partial file is removed. What the source throws passes through.
 */
export async function writeAtomic(
  path: string,
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: WriteAtomicOptions = {},
): Promise<number> {
  const part = `${path}.${randomBytes(4).toString('hex')}.part`; // two writers never share one
  const openFile = options.open ?? ((name: string) => open(name, 'wx', 0o600));
  try {
    const bytes = await writeWhole(await storing(part, () => openFile(part)), part, source);
    await storing(path, () => rename(part, path));
    await syncFolder(dirname(path));
    return bytes;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function writeWhole(
  file: WritableFile,
  path: string,
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<number> {
  let bytes = 0;
  try {
    for await (const chunk of source) {
      await storing(path, () => writeChunk(file, chunk));
      bytes += chunk.length;
    }
    await storing(path, () => file.sync());
  } finally {
    await file.close();
  }
  return bytes;
}

/** A write can be short, on a full disk above all. */
async function writeChunk(file: WritableFile, chunk: Uint8Array): Promise<void> {
  let rest = chunk;
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev([rest]);
    rest = rest.subarray(bytesWritten);
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Removes what killed writers of a file left behind. */
export async function removeParts(path: string): Promise<void> {
  const folder = dirname(path);
  const names = await storing(folder, () => readdir(folder));
  const parts = names.filter((name) => name.startsWith(`${basename(path)}.`) && name.endsWith('.part'));
  await Promise.all(parts.map((name) => rm(join(folder, name), { force: true })));
}
