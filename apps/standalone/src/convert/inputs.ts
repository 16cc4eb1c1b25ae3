import { readdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readAhead } from '@nmcp/files';
import { documentsIn, type NamedDocument, type StoredBytes } from '@nmcp/schema';
import { NmcpError } from '@nmcp/types';
import type { CountBytes } from './progress.ts';

/** What a folder is searched for. */
const IN_FOLDERS = /\.nessus(?:\.gz)?$|\.zip$/i;

/** Files to read, and what to do when that is done. */
export interface Inputs extends AsyncDisposable {
  documents: readonly NamedDocument[];
  /** Bytes of all files together. */
  size: number;
  /** Sentences about what was given and is not read twice. */
  notes: readonly string[];
}

/**
 * The documents in files, folders, archives and standard input (`-`). A file that is given twice is read once.
 *
 * @throws {NmcpError} `invalid_input` for what cannot be read or holds no document
 */
export async function openInputs(
  paths: readonly string[],
  count: CountBytes = (source) => source,
): Promise<Inputs> {
  const files = new Map<string, string>();
  const notes: string[] = [];
  let spooled: string | undefined;
  for (const path of paths) {
    for (const file of path === '-' ? [path] : await filesAt(path)) {
      const place = file === '-' ? file : await realpath(file);
      if (files.has(place)) notes.push(`${file} is given twice and read once`);
      else files.set(place, file);
    }
  }
  if (files.has('-')) {
    const { spoolStandardInput } = await import('./spool_stdin.ts');
    spooled = await spoolStandardInput();
  }
  const dispose = async (): Promise<void> => {
    if (spooled !== undefined) await rm(spooled, { recursive: true, force: true });
  };
  try {
    const documents: NamedDocument[] = [];
    let total = 0;
    const names = namesOf([...files.values()]);
    for (const [index, file] of [...files.values()].entries()) {
      const path = file === '-' && spooled !== undefined ? join(spooled, 'stdin') : file;
      const { size } = await stat(path);
      total += size;
      documents.push(...(await documentsIn(names[index] ?? file, storedFile(path, size, count))));
    }
    return { documents, size: total, notes, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** A file as bytes that can be read from any place. */
function storedFile(path: string, size: number, count: CountBytes): StoredBytes {
  return {
    size,
    stream: (start, end) => count(readAhead(path, { start, end, reuse: true })),
  };
}

/** A file, or those in a folder and its folders, in their order. */
async function filesAt(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new NmcpError('invalid_input', `${path} cannot be read: it does not exist, or access is denied`, {
      cause,
    });
  });
  if (!found.isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && IN_FOLDERS.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0)
    throw new NmcpError('invalid_input', `The folder ${path} holds no .nessus, .nessus.gz or .zip file`);
  return files;
}

/** File names, or paths where two files have one name. */
function namesOf(files: readonly string[]): string[] {
  const names = files.map((file) => (file === '-' ? 'standard input' : basename(file)));
  return names.map((name, index) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : (files[index] ?? name),
  );
}
