import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { writeAtomic } from '@nmcp/files';
import { isTaskId } from '@nmcp/types';
import { type ListedTask, TargetList } from '../listed_task.ts';
import type { FileMark, IndexedTask } from './indexed_task.ts';

/** What the rows mean. To be counted up with every change of `listedTask`, or of what it calls: then indexes are made anew. */
export const INDEX_FORMAT = 1;
/** Rows that are written, and read, without a pause. */
const ROWS = 500;

/** A task and its file, as they were when the index was written. */
export type IndexRow = [task: ListedTask, file: FileMark];

/**
 * Writes an index: a line with the format, one for each task, and at the end a checksum.
 *
 * @throws {NmcpError} `storage`
 */
export async function writeIndex(path: string, tasks: Iterable<IndexedTask>): Promise<void> {
  await writeAtomic(path, chunksOf(tasks));
}

async function* chunksOf(tasks: Iterable<IndexedTask>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  const hashed = (lines: readonly string[]): Uint8Array => {
    const chunk = Buffer.from(`${lines.join('\n')}\n`);
    hash.update(chunk);
    return chunk;
  };
  yield hashed([headerOf(INDEX_FORMAT)]);
  let lines: string[] = [];
  for (const task of tasks) {
    lines.push(JSON.stringify(rowOf(task)));
    if (lines.length < ROWS) continue;
    yield hashed(lines);
    lines = [];
    await setImmediate();
  }
  if (lines.length > 0) yield hashed(lines);
  yield Buffer.from(hash.digest('hex'));
}

/** Reads an index; empty when there is none, or it is damaged, or of another version of this program. */
export async function* readIndex(path: string): AsyncGenerator<IndexRow[]> {
  const content = await readFile(path).catch(() => undefined);
  if (!content) return;
  const end = content.lastIndexOf(0x0a) + 1;
  const digest = createHash('sha256').update(content.subarray(0, end)).digest('hex');
  if (content.toString('utf8', end) !== digest) return;
  let at = content.indexOf(0x0a) + 1;
  if (content.toString('utf8', 0, at) !== `${headerOf(INDEX_FORMAT)}\n`) return;
  while (at < end) {
    const rows: IndexRow[] = [];
    for (; at < end && rows.length < ROWS; at = content.indexOf(0x0a, at) + 1)
      rows.push(...taskOf(content.toString('utf8', at, content.indexOf(0x0a, at))));
    yield rows;
    await setImmediate();
  }
}

function headerOf(format: number): string {
  return JSON.stringify({ index: 'tasks', format });
}

/** Booleans as a number, 1 for the first. */
const MARKS = ['hasReport', 'isPending', 'hasScope', 'isAttached', 'mayHaveSecondScan'] as const;

function rowOf(task: IndexedTask): unknown[] {
  const marks = MARKS.reduce((sum, name, at) => sum + (task[name] ? 1 << at : 0), 0);
  return [
    ...[task.task_id, task.version, task.status, task.pool, task.instance, task.scanNumber, task.owner],
    ...[task.name, task.targets.text, task.created_at, task.made, task.ran, task.began, task.ended],
    ...[task.series, marks, task.ino, task.mtimeMs, task.size],
  ];
}

function taskOf(line: string): IndexRow[] {
  const row = JSON.parse(line); // written by `rowOf`, as the checksum says
  const marks: number = row[15];
  if (!isTaskId(row[0])) return [];
  const task: ListedTask = {
    task_id: row[0],
    version: row[1],
    status: row[2],
    pool: row[3],
    instance: row[4],
    scanNumber: row[5],
    owner: row[6] ?? undefined,
    name: row[7],
    targets: new TargetList(row[8]),
    created_at: row[9],
    made: row[10],
    ran: row[11],
    began: row[12],
    ended: row[13] ?? undefined,
    series: row[14] ?? undefined,
    hasReport: (marks & 1) !== 0,
    isPending: (marks & 2) !== 0,
    hasScope: (marks & 4) !== 0,
    isAttached: (marks & 8) !== 0,
    mayHaveSecondScan: (marks & 16) !== 0,
  };
  return [[task, { ino: row[16], mtimeMs: row[17], size: row[18] }]];
}
