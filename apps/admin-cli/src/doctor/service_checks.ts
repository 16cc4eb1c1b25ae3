import { reconcile } from '@nmcp/runner';
import type { Services } from '@nmcp/scans';
import type { Settings } from '@nmcp/settings';
import { testScanners } from '../commands/scanners.ts';
import { type Finding, failed, ok, warning } from './examination.ts';

const MUCH_SKEW_MS = 2000;

/** Whether the queue's store answers, keeps what it has, and knows the time. */
export async function checkQueue({ queue }: Services): Promise<Finding[]> {
  const begun = performance.now();
  await queue.ping();
  const ms = performance.now() - begun;
  const { product, isWritable, isDurable, evicts, now } = await queue.inspect();
  const skewMs = Math.abs(now - Date.now());
  const findings = [
    isWritable
      ? ok('queue', `${product} answers in ${ms.toFixed(1)} ms`)
      : failed('queue', `${product} is a replica and takes no writes`, 'Point REDIS_URL at the primary'),
    skewMs > MUCH_SKEW_MS
      ? warning(
          'clock',
          `this machine and the queue differ by ${(skewMs / 1000).toFixed(1)} s`,
          'Run an NTP client on both: times in tasks and scan windows go by them',
        )
      : ok('clock', `agrees with the queue's within ${Math.ceil(skewMs)} ms`),
  ];
  if (evicts)
    findings.push(
      failed('queue', `${product} drops keys when its memory is full`, 'Set maxmemory-policy to noeviction'),
    );
  if (!isDurable)
    findings.push(
      warning(
        'queue',
        `${product} forgets the last seconds when it ends`,
        'Set appendonly to yes; lost tasks come back by themselves within minutes all the same',
      ),
    );
  return findings;
}

/** Whether each scanner lets us in and may scan. */
export async function checkScanners(services: Services, _settings: Settings): Promise<Finding[]> {
  const scanners = await services.registry.list();
  if (scanners.length === 0)
    return [
      warning(
        'scanners',
        'none is configured',
        'Name scanners in scanners.yaml (SCANNER_CONFIG), or one as NESSUS_URL',
      ),
    ];
  const tests = await testScanners(services, scanners);
  return tests.map(({ scanner, url, state, ms, inspection, problem }): Finding => {
    const check = `scanner ${scanner}`;
    if (state === 'disabled') return ok(check, 'disabled');
    if (state === 'unreachable') return failed(check, `${url}: ${problem}`, ADVICE);
    const { product = '', version = '', licence = '' } = inspection ?? {};
    const detail = `${[product, version, licence].filter(Boolean).join(' ')}, ${ms} ms`;
    return state === 'warning'
      ? warning(check, `${detail}; ${problem}`, 'See what the licence allows')
      : ok(check, detail);
  });
}

const ADVICE =
  'Check url, login and tls in scanners.yaml; nmcp-admin scanners test asks again. A certificate of its own wants tls: {fingerprint} or {ca_file}';

/** Whether policy.yaml is what was meant. */
export async function checkPolicy({ policy }: Services, { policyFile }: Settings): Promise<Finding[]> {
  const isAllowed = (targets: string): Promise<boolean> =>
    policy.admit({ targets, pool: 'nessus', caller: 'local' }).then(
      () => true,
      () => false,
    );
  const where = policyFile ?? 'no policy.yaml: private networks, at any time';
  if (await isAllowed('8.8.8.8'))
    return [
      warning(
        'policy',
        `${where}; it allows public addresses`,
        'Name the networks that are yours under allow',
      ),
    ];
  return [ok('policy', where)];
}

/** Whether every task is where it should be. */
export async function checkTasks({ tasks, queue, registry, clock }: Services): Promise<Finding[]> {
  const { requeued, adopted, orphans, parts, problems } = await reconcile({
    tasks,
    queue,
    clock,
    dryRun: true,
  });
  const all = await tasks.list();
  const findings: Finding[] = [];
  const lost = requeued.length + adopted.length;
  if (lost > 0)
    findings.push(
      warning(
        'tasks',
        `${lost} tasks stand in no queue`,
        'A running worker puts them back within a minute; nmcp-admin reconcile does it now',
      ),
    );
  for (const problem of problems.slice(0, 5))
    findings.push(failed('tasks', problem, 'Look at the folder; the others are not concerned'));
  const dead = await Promise.all(registry.pools().map((pool) => queue.deadLetterCount(pool)));
  const count = dead.reduce((sum, number) => sum + number, 0);
  if (count > 0)
    findings.push(
      warning(
        'dead letters',
        `${count} tasks could not be run`,
        'nmcp-admin list-dlq says why, retry-dlq runs one again',
      ),
    );
  const leftovers = orphans.length + parts.length;
  if (findings.length === 0)
    findings.push(
      ok(
        'tasks',
        `${all.length} tasks${leftovers > 0 ? `, ${leftovers} leftovers of killed processes` : ''}`,
      ),
    );
  return findings;
}
