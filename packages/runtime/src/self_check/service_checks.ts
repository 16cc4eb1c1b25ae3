import { OAUTH_PREFIX, type Tokens } from '@nmcp/access';
import { clockSkew, MAX_CLOCK_SKEW_MS } from '@nmcp/queue';
import { reconcile } from '@nmcp/runner';
import {
  type CheckResult,
  checkWorkers as checkWorkersOf,
  failed,
  inspectScanners,
  judgeScanner,
  ok,
  type Services,
  unreachableCredentials,
  warning,
} from '@nmcp/scans';
import type { Settings } from '@nmcp/settings';
import { readPolicyDocument } from '../open_policy.ts';

const MUCH_SKEW_MS = 2000;

/** Whether the queue's store answers, is durable, and has the right time. */
export async function checkQueue({ queue, clock }: Services): Promise<CheckResult[]> {
  const begun = performance.now();
  await queue.ping();
  const ms = performance.now() - begun;
  const { product, isWritable, isDurable, evicts } = await queue.inspect();
  const skewMs = Math.abs(await clockSkew(queue, clock));
  const results = [
    isWritable
      ? ok('queue', `${product} answers in ${ms.toFixed(1)} ms`)
      : failed('queue', `${product} is a replica and accepts no writes`, 'Point REDIS_URL at the primary'),
    checkClock(skewMs),
  ];
  if (evicts)
    results.push(
      failed('queue', `${product} evicts keys when its memory is full`, 'Set maxmemory-policy to noeviction'),
    );
  if (!isDurable)
    results.push(
      warning(
        'queue',
        `${product} loses the last seconds of writes when it stops`,
        'Set appendonly to yes; even without it, lost tasks are re-queued within minutes',
      ),
    );
  return results;
}

function checkClock(skewMs: number): CheckResult {
  if (skewMs <= MUCH_SKEW_MS) return ok('clock', `agrees with the queue's within ${Math.ceil(skewMs)} ms`);
  const detail = `this machine and the queue differ by ${(skewMs / 1000).toFixed(1)} s`;
  return skewMs > MAX_CLOCK_SKEW_MS
    ? failed(
        'clock',
        detail,
        `Run an NTP client on both: beyond ${MAX_CLOCK_SKEW_MS / 1000} s no scan is taken or run`,
      )
    : warning(
        'clock',
        detail,
        'Run an NTP client on both: task times and scan windows depend on their clocks',
      );
}

/** Whether each scanner accepts our login and may scan. */
export async function checkScanners(services: Services): Promise<CheckResult[]> {
  const scanners = await services.registry.list();
  if (scanners.length === 0)
    return [
      warning(
        'scanners',
        'none is configured',
        'Configure scanners in scanners.yaml (SCANNER_CONFIG), or one with NESSUS_URL',
      ),
    ];
  return (await inspectScanners(services, scanners)).map(judgeScanner);
}

/** Whether every pool has a worker. */
export async function checkWorkers(services: Services): Promise<CheckResult[]> {
  return await checkWorkersOf(services, services.registry.pools());
}

/** Whether policy.yaml allows more than was probably meant, and speaks of callers that there are. */
export async function checkPolicy(
  { policy }: Services,
  { policyFile, oauth }: Settings,
  { tokens }: { tokens: Tokens },
): Promise<CheckResult[]> {
  const nobody = oauth === undefined ? [] : await unprefixedCallers(policyFile, tokens);
  if (nobody.length > 0)
    return [
      warning(
        'policy',
        `${policyFile}: no token is named ${nobody.join(', ')}, so these rules hold for nobody`,
        `Write subjects of the authorization server as ${OAUTH_PREFIX}SUBJECT`,
      ),
    ];
  const isAllowed = (targets: string): Promise<boolean> =>
    policy.admit({ targets, pool: 'nessus', caller: 'local' }).then(
      () => true,
      () => false,
    );
  const where = policyFile ?? 'no policy.yaml: private networks, at any time';
  const unknown = await policy.unknownNames();
  if (unknown.length > 0)
    return [
      failed(
        'policy',
        `${where}; these names cannot be looked up, which denies: ${unknown.map((each) => `${each.where}: ${each.name} (${each.why})`).join(', ')}`,
        'Correct the names, or give their addresses',
      ),
    ];
  if (await isAllowed('8.8.8.8'))
    return [warning('policy', `${where}; it allows public addresses`, 'List your own networks under allow')];
  return [ok('policy', where)];
}

/** Callers in policy.yaml that are neither a token nor written as a subject. */
async function unprefixedCallers(policyFile: string | undefined, tokens: Tokens): Promise<string[]> {
  const { callers = {} } = await readPolicyDocument({ policyFile });
  const known = new Set(['local', ...(await tokens.list()).map(({ name }) => name)]);
  return Object.keys(callers).filter((name) => !name.startsWith(OAUTH_PREFIX) && !known.has(name));
}

/** Whether named credentials are bound to where they belong. */
export async function checkCredentials(
  services: Services,
  { credentialsFile }: Pick<Settings, 'credentialsFile'>,
): Promise<CheckResult[]> {
  if (credentialsFile === undefined) return [];
  const unreachable = await unreachableCredentials(services);
  if (unreachable.length > 0)
    return [
      failed(
        'credentials',
        `${unreachable.join(', ')}: their targets overlap nothing that the policy allows, so every scan with them is refused`,
        'Correct targets in credentials.yaml, or the policy',
      ),
    ];
  const unbound = await services.credentials.unbound();
  return unbound.length === 0
    ? [ok('credentials', credentialsFile)]
    : [
        warning(
          'credentials',
          `${unbound.join(', ')} may be used on every host that may be scanned`,
          'Give each targets in credentials.yaml: networks and host names',
        ),
      ];
}

/** Whether every task is where it should be. */
export async function checkTasks({ tasks, queue, registry, clock }: Services): Promise<CheckResult[]> {
  const { requeued, adopted, orphans, parts, problems } = await reconcile({
    tasks,
    queue,
    clock,
    dryRun: true,
  });
  const count = await tasks.count();
  const results: CheckResult[] = [];
  const lost = requeued.length + adopted.length;
  if (lost > 0)
    results.push(
      warning(
        'tasks',
        `${lost} tasks are in no queue`,
        'A running worker re-queues them within a minute; nmcp-admin reconcile does it now',
      ),
    );
  for (const problem of problems.slice(0, 5))
    results.push(failed('tasks', problem, 'Inspect its directory; other tasks are not affected'));
  const dead = await Promise.all(registry.pools().map((pool) => queue.deadLetterCount(pool)));
  const letters = dead.reduce((sum, number) => sum + number, 0);
  if (letters > 0)
    results.push(
      warning(
        'dead letters',
        `${letters} tasks could not be run`,
        'nmcp-admin list-dlq says why, retry-dlq retries one',
      ),
    );
  const leftovers = orphans.length + parts.length;
  if (results.length === 0)
    results.push(
      ok('tasks', `${count} tasks${leftovers > 0 ? `, ${leftovers} leftovers of killed processes` : ''}`),
    );
  return results;
}
