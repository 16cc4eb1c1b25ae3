import { checkAuditLog, checkFiles, checkOpened, checkTasks, openState, type State } from '@nmcp/runtime';
import { command } from '@nmcp/runtime/cli';
import { type CheckResult, checked, failed, warning } from '@nmcp/scans';
import { isNmcpError, messageOf } from '@nmcp/types';
import type { CommandDef } from 'citty';
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
  try {
    await using state = await openState(settings, { onlyReads: true });
    const local = await Promise.all([
      checkFiles({ settings, environment, state }),
      checked('audit log', () => checkAuditLog(settings, state)),
    ]);
    return [...local.flat(), ...(await checkServices(args, state))];
  } catch (error) {
    return [
      failed('tasks', messageOf(error), 'Start PostgreSQL, or correct TASKS_URL; nothing else was checked'),
    ];
  }
}

async function checkServices(args: StoreArgs, state: State): Promise<CheckResult[]> {
  try {
    return await withServices(
      args,
      async (open, settings, environment) => {
        const missing = missingStore(settings);
        const [found, tasks] = await Promise.all([
          checkOpened(open, { settings, environment, state }),
          missing === undefined ? checked('tasks', () => checkTasks(open)) : [],
        ]);
        if (missing === undefined) return [...found, ...tasks];
        // it looked into a queue of its own
        const others = found.filter(({ check }) => !['queue', 'clock', 'workers'].includes(check));
        return [warning('queue', missing, 'A server that starts without REDIS_URL makes one'), ...others];
      },
      { onlyReads: true },
    );
  } catch (error) {
    const [check, advice] = isNmcpError(error, 'unavailable')
      ? ['queue', 'Start Redis, or correct REDIS_URL; scanners, policy and tasks were not checked']
      : ['configuration', 'Fix what the message names; scanners, policy and tasks were not checked'];
    return [failed(check, messageOf(error), advice)];
  }
}

function inWords({ check, state, detail, advice }: CheckResult): string {
  const line = `${paintState(state).padEnd(7 + (paintState(state).length - state.length))}  ${check}: ${oneLine(detail)}`;
  return advice === undefined ? line : `${line}\n         ${advice}`;
}

/** The command that checks an installation. */
export const DOCTOR_COMMANDS: Readonly<Record<string, CommandDef>> = { doctor };
