import {
  type HousekeepingReport,
  type ReconcileReport,
  reconcile,
  runHousekeeping,
  underHousekeepingLease,
} from '@nmcp/runner';
import { command } from '@nmcp/runtime/cli';
import { NmcpError } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { confirm } from '../confirm.ts';
import { JSON_ARG, listing, print, YES_ARG } from '../output.ts';
import { STORE, withStore } from '../store.ts';

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

function inWords({ scans, policies, stale, expired, problems }: HousekeepingReport, dryRun: boolean): string {
  const verb = dryRun ? 'would be' : 'were';
  return [
    ...scans.map(
      ({ scanner, nessus_scan_id, task_id }) => `  scan ${nessus_scan_id} on ${scanner} (${task_id})`,
    ),
    ...policies.map(({ scanner, policy_id, task_id }) => `  policy ${policy_id} on ${scanner} (${task_id})`),
    ...stale.map((id) => `  ${id}, held by no worker`),
    ...expired.map((id) => `  ${id} and its results`),
    `${scans.length} scans and ${policies.length} policies ${verb} deleted on scanners, ${stale.length} abandoned tasks ${verb} timed out, ${expired.length} tasks ${verb} removed.`,
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
      print(args, { dry_run: dryRun, ...report }, () => reconciledInWords(report));
      if (report.problems.length > 0) process.exitCode = 1;
    }),
});

function reconciledInWords({ young, ...mended }: ReconcileReport): string {
  const counts = Object.entries(mended).map(([what, found]) => [
    what,
    found.length === 0 ? '0' : found.join(' '),
  ]);
  const [first] = young;
  if (first === undefined) return listing(Object.fromEntries(counts));
  const soonest = Math.min(...young.map(({ seconds }) => seconds));
  const left = `${young.map(({ task_id }) => task_id).join(' ')}: in no queue, and too young to be sure of it; in ${soonest} s again`;
  return listing(Object.fromEntries([...counts, ['left alone', left]]));
}

/** Commands that run now what workers do periodically. */
export const MAINTENANCE_COMMANDS: Readonly<Record<string, CommandDef>> = {
  'housekeeping run': housekeeping,
  reconcile: reconcileCommand,
};
