import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Results } from '@nmcp/results';
import { queuedTask, type TaskStore } from '@nmcp/tasks';
import {
  type Clock,
  DEFAULT_POOL,
  isoTime,
  MAX_TARGETS_LENGTH,
  NmcpError,
  newTaskId,
  newTraceId,
  type Task,
  type TaskId,
} from '@nmcp/types';

/** A .nessus file. */
export interface ReportFile {
  /** The folder that it must be in; absent: any. */
  folder?: string | undefined;
  /** Its path, or its name in the folder. */
  file: string;
  /** Of the task. @default the file's name */
  name?: string | undefined;
  /** Name of the caller that the task belongs to. @default local */
  owner?: string | undefined;
  /** Asked about the hosts that the report holds, as targets, before anything is kept. @default any may be imported */
  admit?: ((hosts: readonly string[]) => Promise<void>) | undefined;
}

/**
 * Imports a .nessus file as a completed task. A damaged file leaves nothing behind.
 *
 * @throws {NmcpError} `not_found` when there is no such file, `damaged_document` saying where, `storage`
 */
export async function importReport(
  report: ReportFile,
  { tasks, clock, results }: { tasks: TaskStore; clock: Clock; results: Pick<Results, 'validate'> },
): Promise<Task> {
  const path = await locate(report);
  const { mtimeMs } = await stat(path);
  const id = newTaskId('nessus', { now: new Date(clock()) });
  const fileName = report.file.split('/').at(-1) ?? '';
  const name = report.name ?? fileName.replace(/\.nessus$/, '');
  return await tasks.importResults(id, createReadStream(path), (stored) =>
    describe({
      id,
      name,
      owner: report.owner ?? 'local',
      admit: report.admit,
      stored,
      validate: results.validate,
      modifiedAt: mtimeMs,
      now: clock(),
    }),
  );
}

/** Links may not lead out of the folder. */
async function locate({ folder, file }: ReportFile): Promise<string> {
  const path = folder === undefined ? file : join(folder, file);
  const found = await realpath(path).catch(() => undefined);
  const isInside = folder === undefined || (found && dirname(found) === (await realpath(folder)));
  const isFile = found !== undefined && (await stat(found)).isFile();
  if (found !== undefined && isInside && isFile) return found;
  const where = folder === undefined ? '' : ' in the import folder';
  throw new NmcpError('not_found', `${file} is not a readable file${where}`, {
    title: 'File not found',
  });
}

interface Described {
  id: TaskId;
  name: string;
  owner: string;
  admit: ReportFile['admit'];
  /** Path of the stored results. */
  stored: string;
  validate: Results['validate'];
  modifiedAt: number;
  now: number;
}

async function describe({
  id,
  name,
  owner,
  admit,
  stored,
  validate,
  modifiedAt,
  now,
}: Described): Promise<Task> {
  const verdict = await validate(stored);
  if (!verdict.valid)
    throw new NmcpError(
      'damaged_document',
      verdict.message.replace("The scanner's export is damaged", 'Not imported, the file is damaged'),
    );
  await admit?.(verdict.targets);
  const at = isoTime(now);
  const payload = {
    targets: verdict.hosts.join(',').slice(0, MAX_TARGETS_LENGTH),
    name,
    description: 'Imported',
    schema_profile: 'brief' as const,
  };
  return {
    ...queuedTask({
      task_id: id,
      trace_id: newTraceId(),
      scan_type: 'untrusted',
      scanner_type: 'nessus',
      scanner_pool: DEFAULT_POOL,
      scanner_instance_id: null,
      payload,
      created_at: at,
    }),
    owner,
    imported: true,
    status: 'completed',
    started_at: isoTime(modifiedAt),
    completed_at: at,
    progress: 100,
    validation_stats: verdict.stats,
    validation_warnings: verdict.warnings,
    authentication_status: verdict.authentication_status,
    ran: verdict.ran,
  };
}
