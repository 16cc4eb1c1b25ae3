import { type HousekeepingReport, reconcile, runHousekeeping, underHousekeepingLease } from '@nmcp/runner';
import { command, writeToFile, writeToStream } from '@nmcp/runtime/cli';
import { EXPORT_FORMATS, exportScan, importReport } from '@nmcp/scans';
import { NmcpError } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { confirm } from '../confirm.ts';
import { JSON_ARG, listing, print, YES_ARG } from '../output.ts';
import { OPERATOR, STORE, withStore } from '../store.ts';

const ARGS = { ...STORE, ...JSON_ARG } as const;
const DRY_RUN = {
  'dry-run': { type: 'boolean', default: false, description: 'Only report what would be done' },
} as const;

const housekeeping = command({
  meta: {
    name: 'housekeeping run',
    description: 'Run the housekeeping now: remove expired scans and tasks, by the retention settings',
    examples: ['housekeeping run --dry-run', 'housekeeping run --yes --json'],
  },
  args: { ...ARGS, ...DRY_RUN, ...YES_ARG },
  run: ({ args }) =>
    withStore(args, async (services, settings) => {
      const { rules } = settings.housekeeping;
      const dryRun = args['dry-run'];
      if (!dryRun && !args.yes) {
        const due = await runHousekeeping({ ...services, rules, dryRun: true });
        if (!(await confirm(`${inWords(due, true)}\nProceed?`))) return console.log('Nothing was done.');
      }
      const report = dryRun
        ? await runHousekeeping({ ...services, rules, dryRun })
        : await underHousekeepingLease(services, (signal) => runHousekeeping({ ...services, rules, signal }));
      if (!report)
        throw new NmcpError(
          'conflict',
          'A worker is running the housekeeping; try again when it has finished',
        );
      if (report.problems.length > 0) process.exitCode = 1;
      return print(args, { dry_run: dryRun, ...report }, () => inWords(report, dryRun));
    }),
});

function inWords({ scans, stale, expired, problems }: HousekeepingReport, dryRun: boolean): string {
  const verb = dryRun ? 'would be' : 'were';
  return [
    ...scans.map(
      ({ scanner, nessus_scan_id, task_id }) => `  scan ${nessus_scan_id} on ${scanner} (${task_id})`,
    ),
    ...stale.map((id) => `  ${id}, held by no worker`),
    ...expired.map((id) => `  ${id} and its results`),
    `${scans.length} scans ${verb} deleted on scanners, ${stale.length} abandoned tasks ${verb} timed out, ${expired.length} tasks ${verb} removed.`,
    ...problems.map((problem) => `Problem: ${problem}`),
  ].join('\n');
}

const reconcileCommand = command({
  meta: {
    name: 'reconcile',
    description: 'Reconcile the task directories with the queue, and re-queue tasks that it has lost',
    examples: ['reconcile --dry-run', 'reconcile'],
  },
  args: { ...ARGS, ...DRY_RUN },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const dryRun = args['dry-run'];
      const report = await reconcile({ ...services, dryRun });
      print(args, { dry_run: dryRun, ...report }, () =>
        listing(
          Object.fromEntries(
            Object.entries(report).map(([what, found]) => [what, found.length === 0 ? '0' : found.join(' ')]),
          ),
        ),
      );
      if (report.problems.length > 0) process.exitCode = 1;
    }),
});

const importCommand = command({
  meta: {
    name: 'import',
    description: 'Import a .nessus file as a completed task, so that the tools can read it',
    examples: ['import weekly.nessus', 'import weekly.nessus --name "Weekly, DMZ" --owner alice'],
  },
  args: {
    ...ARGS,
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

/** Commands about what is stored. */
export const UPKEEP_COMMANDS: Readonly<Record<string, CommandDef>> = {
  'housekeeping run': housekeeping,
  reconcile: reconcileCommand,
  import: importCommand,
  export: exportCommand,
};
