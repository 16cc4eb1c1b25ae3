import { command, writeToFile, writeToStream } from '@nmcp/runtime/cli';
import { EXPORT_FORMATS, exportScan, importReport } from '@nmcp/scans';
import { NmcpError } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { JSON_ARG, print } from '../output.ts';
import { OPERATOR, STORE, withStore } from '../store.ts';

const importCommand = command({
  meta: {
    name: 'import',
    description: 'Import a .nessus file as a completed task, so that the tools can read it',
    examples: ['import weekly.nessus', 'import weekly.nessus --name "Weekly, DMZ" --owner alice'],
  },
  args: {
    ...STORE,
    ...JSON_ARG,
    file: { type: 'positional', required: true, description: 'A .nessus file', valueHint: 'FILE.nessus' },
    name: { type: 'string', description: "Name of the task (the file's name)", valueHint: 'NAME' },
    owner: { type: 'string', description: 'Caller who owns the task (local)', valueHint: 'NAME' },
  },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const { task_id, owner, payload, validation_stats } = await importReport(
        { file: args.file, name: args.name, owner: args.owner },
        services,
      );
      await services.audit.append({
        action: 'scan.import',
        caller: 'local',
        decision: 'allowed',
        task_id,
        file: args.file,
      });
      const { hosts_scanned = 0, severity_breakdown } = validation_stats ?? {};
      const { name } = payload;
      print(
        args,
        { task_id, name, owner, hosts_scanned, severity_breakdown },
        () => `${task_id}: ${name}, ${hosts_scanned} hosts.`,
      );
    }),
});

const exportCommand = command({
  meta: {
    name: 'export',
    description: 'Write the results of a task: .nessus, JSON-NL, CSV, SARIF, OCSF, HTML or Markdown',
    examples: [
      'export ne_scan_20251201_143022_a1b2c3d4 --to csv -o findings.csv',
      'export ne_scan_20251201_143022_a1b2c3d4 --to nessus > scan.nessus',
    ],
  },
  args: {
    ...STORE,
    id: { type: 'positional', required: true, description: 'Id of a completed task' },
    to: {
      type: 'string',
      default: 'nessus',
      description: `Format: ${EXPORT_FORMATS.join(', ')}`,
      valueHint: 'FORMAT',
    },
    output: {
      type: 'string',
      alias: 'o',
      description: 'File to write, atomically (standard output)',
      valueHint: 'FILE',
    },
  },
  run: ({ args }) =>
    withStore(args, async (services) => {
      if (!EXPORT_FORMATS.includes(args.to))
        throw new NmcpError(
          'invalid_input',
          `--to ${args.to.slice(0, 40)}: expected one of ${EXPORT_FORMATS.join(', ')}`,
        );
      const content = await exportScan(services, OPERATOR, { task_id: args.id, format: args.to });
      if (args.output === undefined) await writeToStream(process.stdout, content);
      else await writeToFile(args.output, content);
    }),
});

/** Commands that read .nessus files and write results. */
export const IMPORT_EXPORT_COMMANDS: Readonly<Record<string, CommandDef>> = {
  import: importCommand,
  export: exportCommand,
};
