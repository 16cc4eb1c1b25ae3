import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { validateResults } from '@nmcp/results';
import { command } from '@nmcp/runtime/cli';
import { createTaskStore, queuedTask } from '@nmcp/tasks';
import {
  DEFAULT_POOL,
  isoTime,
  MAX_TARGETS_LENGTH,
  NmcpError,
  newTaskId,
  newTraceId,
  type Task,
  type TaskId,
} from '@nmcp/types';
import type { CommandDef } from 'citty';
import { settingsOf } from '../server_options.ts';

/** Makes a completed task of a .nessus file. */
export const importCommand: CommandDef = command({
  meta: {
    name: 'import',
    description: 'Make a completed task of a .nessus file, so that the tools can read it',
  },
  args: {
    file: { type: 'positional', required: true, description: 'A .nessus file', valueHint: 'FILE.nessus' },
    name: { type: 'string', description: "Name of the task (the file's name)" },
    'data-dir': { type: 'string', description: 'Folder of the tasks (DATA_DIR)', valueHint: 'FOLDER' },
  },
  async run({ args }) {
    const { dataDir } = (await settingsOf(args)).settings;
    const file = await stat(args.file).catch(() => undefined);
    if (!file?.isFile()) throw new NmcpError('invalid_input', `${args.file} is not a file that can be read`);
    const store = createTaskStore({ dataDir });
    const id = newTaskId('nessus');
    const name = args.name ?? basename(args.file, '.nessus');
    const task = await store.importResults(id, createReadStream(args.file), (path) =>
      describeImport(id, name, path, file.mtimeMs),
    );
    const { hosts_scanned = 0, severity_breakdown } = task.validation_stats ?? {};
    console.log(
      JSON.stringify({ task_id: id, name, hosts_scanned, severity_breakdown, data_dir: resolve(dataDir) }),
    );
  },
});

/** @throws {NmcpError} `damaged_document` saying where */
async function describeImport(id: TaskId, name: string, path: string, modifiedAt: number): Promise<Task> {
  const verdict = await validateResults(path, {});
  if (!verdict.valid)
    throw new NmcpError(
      'damaged_document',
      verdict.message.replace("The scanner's export is damaged", 'Not imported, the file is damaged'),
    );
  const now = isoTime(Date.now());
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
      created_at: now,
    }),
    status: 'completed',
    started_at: isoTime(modifiedAt),
    completed_at: now,
    progress: 100,
    validation_stats: verdict.stats,
    validation_warnings: verdict.warnings,
    authentication_status: verdict.authentication_status,
  };
}
