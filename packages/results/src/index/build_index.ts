import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { readAhead } from '@nmcp/files';
import {
  createScanValidator,
  type Finding,
  feedNessus,
  type ScanValidation,
  type ScanValidatorOptions,
} from '@nmcp/schema';
import { messageOf, NmcpError } from '@nmcp/types';
import Database from 'libsql';
import { workOutFixes } from '../fix_first.ts';
import { summarizeScan } from '../summarize_scan.ts';
import { FindingsIndex } from './findings_index.ts';
import { IndexSink } from './index_sink.ts';
import { type IndexMeta, TABLES } from './layout.ts';

/** Options of {@linkcode buildIndex}. */
export interface BuildIndexOptions extends ScanValidatorOptions {
  signal?: AbortSignal | undefined;
}

/**
 * Reads a .nessus file once and writes its index beside it: to a temporary file, then renamed, so that readers see all of
 * it or none, and two builders do not disturb each other.
 *
 * @param indexPath where to write the index
 * @throws {DocumentError} when the file is damaged; there is no index then
 * @throws {NmcpError} `storage` when the disk cannot be written
 */
export async function buildIndex(
  nativePath: string,
  indexPath: string,
  options: BuildIndexOptions = {},
): Promise<ScanValidation> {
  await removeParts(indexPath);
  const part = `${indexPath}.${randomBytes(4).toString('hex')}.part`;
  try {
    const validation = await writeIndex(nativePath, part, options);
    await rename(part, indexPath);
    return validation;
  } catch (error) {
    await rm(part, { force: true });
    throw error instanceof NmcpError || options.signal?.aborted
      ? error
      : new NmcpError('storage', `${indexPath} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

async function writeIndex(
  nativePath: string,
  part: string,
  options: BuildIndexOptions,
): Promise<ScanValidation> {
  const { size } = await stat(nativePath);
  await using file = await open(part, 'wx', 0o600); // for its owner alone, in whatever folder
  const db = new Database(part);
  let validation: ScanValidation;
  try {
    // it is not read before it is complete, so a journal would protect nothing
    db.exec(
      'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 16384; PRAGMA cache_size = -8000;',
    );
    db.exec(TABLES);
    db.exec('BEGIN');
    const validator = createScanValidator(options);
    const sink = new IndexSink(db, validator);
    const source = readAhead(nativePath, { reuse: true });
    for await (const _ of feedNessus(source, sink, { signal: options.signal }));
    const meta = sink.finish(size);
    db.exec('COMMIT');
    const synced = file.sync(); // the disk works while the rest is worked out
    synced.catch(() => {}); // it is told below
    validation = validator.result(size);
    writeMeta(db, { meta, validation, briefs: sink.briefs });
    await synced;
  } finally {
    db.close();
  }
  await file.sync();
  return validation;
}

function writeMeta(
  db: Database.Database,
  { meta, validation, briefs }: { meta: IndexMeta; validation: ScanValidation; briefs: readonly Finding[] },
): void {
  db.exec('BEGIN');
  const insert = db.prepare('INSERT INTO meta VALUES (?, ?)');
  insert.run('scan', JSON.stringify(meta));
  insert.run('validation', JSON.stringify(validation));
  const index = FindingsIndex.of(db, briefs);
  insert.run('summary', JSON.stringify(summarizeScan(index)));
  insert.run('fixes', JSON.stringify(workOutFixes(index)));
  db.exec('COMMIT');
}

/** Removes what killed builders left behind, but not what others are writing now. */
async function removeParts(indexPath: string): Promise<void> {
  const folder = dirname(indexPath);
  const names = (await readdir(folder)).filter(
    (name) => name.startsWith(`${basename(indexPath)}.`) && name.endsWith('.part'),
  );
  for (const name of names) {
    const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > 600_000) await rm(join(folder, name), { force: true });
  }
}
