import { command } from '@nmcp/runtime/cli';
import { isNmcpError, messageOf } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { type CheckResult, failed, warning } from '../doctor/check_result.ts';
import { checkAccess, checkAuditLog, checkConfiguration, checkDisk } from '../doctor/local_checks.ts';
import {
  checkCredentials,
  checkPolicy,
  checkQueue,
  checkScanners,
  checkTasks,
} from '../doctor/service_checks.ts';
import { JSON_ARG, oneLine, paintState, print } from '../output.ts';
import { missingStore, STORE, type StoreArgs, settingsOf, withServices } from '../store.ts';

const doctor = command({
  meta: {
    name: 'doctor',
    description: 'Check queue, disk, clock, scanners, licences, TLS and policy, and say how to fix problems',
    examples: ['doctor', 'doctor --json'],
  },
  args: { ...STORE, ...JSON_ARG },
  async run({ args }) {
    const results = await checkAll(args);
    print(args, results, () => results.map(inWords).join('\n'));
    if (results.some(({ state }) => state === 'failed')) process.exitCode = 1;
  },
});

async function checkAll(args: StoreArgs): Promise<CheckResult[]> {
  let known: ReturnType<typeof settingsOf>;
  try {
    known = settingsOf(args);
  } catch (error) {
    return [failed('settings', messageOf(error), 'Correct the variable named in the message')];
  }
  const { settings, environment } = known;
  const local = await Promise.all([
    checked('disk', () => checkDisk(settings)),
    checked('access', async () => checkAccess(settings)),
    checked('audit log', () => checkAuditLog(settings)),
    checked('configuration', () => checkConfiguration(settings, environment)),
  ]);
  return [...local.flat(), ...(await checkServices(args))];
}

async function checkServices(args: StoreArgs): Promise<CheckResult[]> {
  try {
    return await withServices(args, async (open, settings) => {
      const missing = missingStore(settings);
      const found = await Promise.all([
        missing === undefined
          ? checked('queue', () => checkQueue(open))
          : [warning('queue', missing, 'A server that starts without REDIS_URL makes one')],
        checked('policy', () => checkPolicy(open, settings)),
        checked('credentials', () => checkCredentials(open)),
        checked('scanners', () => checkScanners(open, settings)),
        checked('tasks', () => checkTasks(open)),
      ]);
      return found.flat();
    });
  } catch (error) {
    const [check, advice] = isNmcpError(error, 'unavailable')
      ? ['queue', 'Start Redis, or correct REDIS_URL; scanners, policy and tasks were not checked']
      : ['configuration', 'Fix what the message names; scanners, policy and tasks were not checked'];
    return [failed(check, messageOf(error), advice)];
  }
}

/** A check that throws is reported, and does not stop the others. */
async function checked(check: string, look: () => Promise<CheckResult[]>): Promise<CheckResult[]> {
  return await look().catch((error: unknown) => [failed(check, messageOf(error), 'See the message')]);
}

function inWords({ check, state, detail, advice }: CheckResult): string {
  const line = `${paintState(state).padEnd(7 + (paintState(state).length - state.length))}  ${check}: ${oneLine(detail)}`;
  return advice === undefined ? line : `${line}\n         ${advice}`;
}

/** The command that checks an installation. */
export const DOCTOR_COMMANDS: Readonly<Record<string, CommandDef>> = { doctor };
