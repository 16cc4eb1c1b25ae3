import { randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { storing } from './storage_error.ts';

/** The part of a file handle that writing needs. */
export type WritableFile = Pick<FileHandle, 'writev' | 'sync' | 'close'>;

/** Options of {@linkcode writeAtomic}. */
export interface WriteAtomicOptions {
  /** Stands in the name of the temporary file, so that it is known whose it is. @default none */
  writer?: string | undefined;
  /** Asked when all is written, before it counts; throws when the writer may not go on. */
  beforeCommit?: (() => Promise<void>) | undefined;
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
  const writer = options.writer === undefined ? '' : `${options.writer}.`;
  const part = `${path}.${writer}${randomBytes(4).toString('hex')}.part`; // two writers never share one
  const openFile = options.open ?? ((name: string) => open(name, 'wx', 0o600));
  try {
    const bytes = await writeWhole(await storing(part, () => openFile(part)), part, source);
    await options.beforeCommit?.();
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

/** Makes what was renamed or linked in a folder outlive a crash of the machine. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/**
 * Removes what writers of a file that were killed left behind.
 *
 * @param isOurs which of them; gets what stands between the file's name and `.part`. @default all
 */
export async function removeParts(
  path: string,
  isOurs: (middle: string) => boolean = () => true,
): Promise<void> {
  const folder = dirname(path);
  const names = await storing(folder, () => readdir(folder));
  const begin = `${basename(path)}.`;
  const parts = names.filter(
    (name) =>
      name.startsWith(begin) && name.endsWith('.part') && isOurs(name.slice(begin.length, -'.part'.length)),
  );
  await Promise.all(parts.map((name) => rm(join(folder, name), { force: true })));
}
