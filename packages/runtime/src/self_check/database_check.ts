import { MAX_CLOCK_SKEW_MS } from '@nmcp/queue';
import { type CheckResult, failed, ok, warning } from '@nmcp/scans';
import type { Settings } from '@nmcp/settings';
import type { State } from '../state/state.ts';

/** Whether the database of tasks answers, has the right time, and is reached by TLS; nothing where tasks are in files. */
export async function checkDatabase(
  { tasksUrl }: Pick<Settings, 'tasksUrl'>,
  { database }: State,
): Promise<CheckResult[]> {
  if (!database || tasksUrl === undefined) return [];
  const begun = performance.now();
  const now = await database.now();
  const ms = performance.now() - begun;
  const skewMs = Math.max(0, Math.abs(Date.now() - now) - ms);
  const results: CheckResult[] = [
    ok('database', `PostgreSQL at ${database.where} answers in ${ms.toFixed(1)} ms`),
  ];
  if (skewMs > MAX_CLOCK_SKEW_MS)
    results.push(
      failed(
        'clock',
        `this machine and the database of tasks differ by ${Math.round(skewMs / 1000)} s`,
        'Run an NTP client on both: times of tasks and of approvals depend on their clocks',
      ),
    );
  const { hostname, searchParams } = new URL(tasksUrl);
  const isHere = ['localhost', '127.0.0.1', '[::1]', ''].includes(hostname);
  const mode = searchParams.get('sslmode');
  if (!isHere && (mode === null || mode === 'disable' || mode === 'no-verify'))
    results.push(
      warning(
        'database',
        `the connection to ${hostname} is ${mode === 'no-verify' ? 'encrypted to whoever answers' : 'not encrypted'}`,
        'Add ?sslmode=verify-full to TASKS_URL, and sslrootcert=FILE for a CA of your own',
      ),
    );
  return results;
}
