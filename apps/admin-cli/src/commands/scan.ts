import { command } from '@nmcp/runtime/cli';
import {
  answerApproval,
  findApprovalQuestion,
  getScanSummary,
  type Services,
  type SubmittedScan,
  submitAuthenticatedScan,
  submitScan,
} from '@nmcp/scans';
import {
  DEFAULT_POOL,
  parseInput,
  RunAuthenticatedScanInputSchema,
  RunUntrustedScanInputSchema,
} from '@nmcp/types';
import type { CommandDef } from 'citty';
import { confirm } from '../confirm.ts';
import { JSON_ARG, oneLine, print, YES_ARG } from '../output.ts';
import { followOnTerminal } from '../scan/follow_on_terminal.ts';
import { formatSummary } from '../scan/format_summary.ts';
import { OPERATOR, STORE, withStore } from '../store.ts';

/** Characters of the targets in the default name of a scan. */
const MAX_NAME = 80;
/** Exit code of an interrupted program: 128 plus the number of SIGINT. */
const INTERRUPTED = 130;

const scan = command({
  meta: {
    name: 'scan',
    description: 'Submit a scan of targets; with --wait, follow it and print its summary',
    examples: [
      'scan 10.0.0.0/28 --wait',
      'scan "10.0.0.5, web.example.org" --name Web --credential-ref linux-prod',
      'scan 10.0.0.0/28 --pool nessus_dmz --json',
    ],
  },
  args: {
    ...STORE,
    ...JSON_ARG,
    ...YES_ARG,
    targets: {
      type: 'positional',
      required: true,
      description: 'Addresses, CIDR blocks, ranges or host names, comma-separated',
      valueHint: 'TARGETS',
    },
    name: { type: 'string', description: 'Name shown in lists (Scan of TARGETS)', valueHint: 'NAME' },
    pool: { type: 'string', default: DEFAULT_POOL as string, description: 'Scanner pool', valueHint: 'POOL' },
    'credential-ref': {
      type: 'string',
      description: 'Name of credentials in CREDENTIALS_FILE for logging in to the hosts',
      valueHint: 'NAME',
    },
    wait: { type: 'boolean', default: false, description: 'Follow the scan until it has ended' },
  },
  run: ({ args }) =>
    withStore(args, async (services) => {
      const submitted = await submit(services, {
        targets: args.targets,
        name: args.name ?? `Scan of ${args.targets.slice(0, MAX_NAME)}`,
        pool: args.pool,
        credentialRef: args['credential-ref'],
      });
      const { task, outcome } = await decided(services, submitted, args.yes);
      const { task_id } = task;
      if (outcome === 'refused') process.exitCode = 1;
      if (!args.wait || outcome === 'refused')
        return print(args, { task_id, status: task.status, outcome }, () => inWords(task_id, outcome));
      if (!args.json) console.error(inWords(task_id, outcome));
      return await wait(services, task, args.json);
    }),
});

interface Request {
  targets: string;
  name: string;
  pool: string;
  credentialRef: string | undefined;
}

function submit(services: Services, { targets, name, pool, credentialRef }: Request): Promise<SubmittedScan> {
  const request = { targets, name, scanner_pool: pool };
  if (credentialRef === undefined)
    return submitScan(services, OPERATOR, parseInput(RunUntrustedScanInputSchema, request, 'scan'));
  const login = { credential_ref: credentialRef, scan_type: 'authenticated' };
  const input = parseInput(RunAuthenticatedScanInputSchema, { ...request, ...login }, 'scan');
  return submitAuthenticatedScan(services, OPERATOR, input);
}

/** Asks at the terminal if the policy requires approval; without a terminal the scan waits for it. */
async function decided(services: Services, submitted: SubmittedScan, yes: boolean): Promise<SubmittedScan> {
  if (submitted.outcome !== 'approval') return submitted;
  const { task_id } = submitted.task;
  const question = await findApprovalQuestion(services, OPERATOR, { task_id });
  if (!question || (!yes && !process.stdin.isTTY)) return submitted;
  const text = `This scan needs approval: ${oneLine(question.reason)}. Approve it?`;
  const answer = yes || (await confirm(text)) ? 'yes' : 'no';
  return await answerApproval(services, OPERATOR, { task_id, answer, asked_in: 'a terminal' });
}

function inWords(task_id: string, outcome: SubmittedScan['outcome']): string {
  if (outcome === 'refused') return `${task_id} was refused and will not run.`;
  if (outcome === 'approval')
    return `${task_id} is waiting for approval. Approve it with: nmcp-admin approve ${task_id}`;
  return `${task_id} is queued. ${howToFollow(task_id)}`;
}

function howToFollow(task_id: string): string {
  return `Follow it with: nmcp-admin tasks watch ${task_id}`;
}

async function wait(services: Services, submitted: SubmittedScan['task'], json: boolean): Promise<void> {
  const { task, isInterrupted } = await followOnTerminal(services, submitted, json);
  const { task_id, status, error_message } = task;
  if (isInterrupted) {
    process.exitCode = INTERRUPTED;
    return console.error(`The scan continues. ${howToFollow(task_id)}`);
  }
  if (status !== 'completed') process.exitCode = 1;
  const summary =
    status === 'completed' ? await getScanSummary(services, OPERATOR, { task_id, top: 10 }) : null;
  print({ json }, { task_id, status, error_message, summary }, () =>
    summary && 'severity_breakdown' in summary
      ? `${task_id} is completed.\n${formatSummary(summary)}`
      : `${task_id} is ${status}: ${oneLine(error_message ?? '')}`,
  );
}

/** The command that starts a scan. */
export const SCAN_COMMANDS: Readonly<Record<string, CommandDef>> = { scan };
