import { NmcpError, type ScannerPolicy } from '@nmcp/types';
import { expect, test } from 'vitest';
import { type HousekeepingReport, runHousekeeping } from './mod.ts';
import { type Bench, bench } from './runner_test_bench.ts';

const HOUR = 3_600_000;
const scope = { plugins: [153_952], ports: 'T:80' };

function policies(t: Bench): Promise<ScannerPolicy[]> {
  const { pool, instance_id } = t.configs[0] ?? { pool: 'none', instance_id: '' };
  return t.registry.ask(t.registry.requirePool(pool), instance_id, (scanner) => scanner.listPolicies());
}

/** Without a time after which scans are removed. */
function keep(t: Bench, more: object = {}): Promise<HousekeepingReport> {
  const rules = { completedTtlMs: 24 * HOUR, failedTtlMs: 24 * HOUR, deleteStale: true };
  return runHousekeeping({ ...t, clock: () => Date.now() + 2 * HOUR, rules, ...more });
}

test('what was made for a scan of some plugins is removed when its results are stored', async () => {
  await using t = await bench();
  const whole = await t.submit();
  const id = await t.submit({ scope });
  t.start();
  expect(await t.ended(id)).toMatchObject({ status: 'completed', payload: { scope } });
  await t.ended(whole);
  await t.until(async () => (await policies(t)).length === 0 && t.simulator.scans().length === 1);
  expect(await keep(t)).toMatchObject({ scans: [], policies: [], problems: [] });
});

test('what a worker did not come to remove, the housekeeping removes: the scan, then its policy', async () => {
  let isAway = true;
  await using t = await bench({
    wrap: (factory) => (config) => {
      const scanner = factory(config);
      return {
        ...scanner,
        async delete(scanId, call) {
          if (isAway) throw new NmcpError('scanner_unreachable', 'away');
          await scanner.delete(scanId, call);
        },
      };
    },
  });
  const id = await t.submit({ scope });
  const runner = t.start();
  await t.ended(id);
  await t.until(() => t.logged.some((line) => line.includes('is removed later')));
  await runner.stop();
  expect(await policies(t)).toHaveLength(1);
  isAway = false;
  expect(await keep(t)).toMatchObject({
    scans: [{ task_id: id }],
    policies: [{ scanner: 'nessus:s1', task_id: id }],
    problems: [],
  });
  expect(await policies(t)).toEqual([]);
});

test('a task whose policy is in use by another scan stays until that has gone', async () => {
  await using t = await bench();
  const id = await t.submit({ scope });
  const runner = t.start();
  await t.ended(id);
  await t.until(async () => (await policies(t)).length === 0);
  await runner.stop();
  // a call that was not answered came late, and a person has taken what it made for a scan
  await t.registry.ask(t.registry.requirePool('nessus'), 's1', async (scanner) => {
    const marker = `nmcp:${id}`;
    await scanner.createScan({
      ...{ targets: '192.0.2.1', name: 'theirs', description: '', marker, scanType: 'untrusted', scope },
    });
  });
  const later = () => Date.now() + 48 * HOUR;
  expect(await keep(t, { clock: later })).toMatchObject({ policies: [], expired: [] });
  expect((await t.tasks.read(id)).status).toBe('completed');
});
