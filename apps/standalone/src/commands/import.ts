import { resolve } from 'node:path';
import { openResults } from '@nmcp/results';
import { openState } from '@nmcp/runtime';
import { command } from '@nmcp/runtime/cli';
import { importReport } from '@nmcp/scans';
import { systemClock } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { settingsOf } from '../server_options.ts';

/** Imports a .nessus file as a completed task. */
export const importCommand: CommandDef = command({
  meta: {
    name: 'import',
    description: 'Import a .nessus file as a completed task, so that the tools can read it',
  },
  args: {
    file: { type: 'positional', required: true, description: 'A .nessus file', valueHint: 'FILE.nessus' },
    name: { type: 'string', description: "Name of the task (the file's name)" },
    'data-dir': { type: 'string', description: 'Task directory (DATA_DIR)', valueHint: 'FOLDER' },
  },
  async run({ args }) {
    const { settings } = await settingsOf(args);
    const { dataDir } = settings;
    await using state = await openState(settings);
    const { tasks } = state;
    await using results = openResults();
    const report = { file: args.file, name: args.name };
    const task = await importReport(report, { tasks, results, clock: systemClock });
    const { hosts_scanned = 0, severity_breakdown } = task.validation_stats ?? {};
    const { name } = task.payload;
    console.log(
      JSON.stringify({
        task_id: task.task_id,
        name,
        hosts_scanned,
        severity_breakdown,
        data_dir: resolve(dataDir),
      }),
    );
  },
});
