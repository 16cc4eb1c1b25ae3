import { NmcpError, type Scanner, type ScanRequest } from '@nmcp/types';
import { expect, test } from 'vitest';
import { runHousekeeping } from './mod.ts';
import { type Bench, bench } from './runner_test_bench.ts';

const silent = (): NmcpError => new NmcpError('scanner_unreachable', 'There was no answer in time');

/** A scanner whose first creation is answered by silence, and made when `later` says so. */
async function withLateCreation(): Promise<{ t: Bench; later: () => Promise<number> }> {
  const first: { request?: ScanRequest; scanner?: Scanner } = {};
  const t = await bench({
    wrap: (factory) => (config) => {
      const scanner = factory(config);
      return {
        ...scanner,
        async createScan(request, options) {
          if (first.request) return await scanner.createScan(request, options);
          Object.assign(first, { request, scanner });
          throw silent();
        },
      };
    },
  });
  const later = async (): Promise<number> => {
    if (!first.request || !first.scanner) throw new Error('nothing was created yet');
    return await first.scanner.createScan(first.request);
  };
  return { t, later };
}

const RULES = {
  completedTtlMs: 1e9,
  failedTtlMs: 1e9,
  deleteStale: true,
  staleMs: 1e9,
  scanRetentionMs: 1e9,
};

test('a scan that a call made long after it was given up is removed by the housekeeping', async () => {
  const { t, later } = await withLateCreation();
  await using _ = t;
  const id = await t.submit();
  t.start();
  expect(await t.ended(id)).toMatchObject({ status: 'completed', unanswered_create: true });
  const second = await later();
  const byHand = t.simulator.startByHand({ name: 'n', targets: '10.0.0.1' }); // of the same name
  const keep = (dryRun: boolean) => runHousekeeping({ ...t, clock: Date.now, rules: RULES, dryRun });
  const removed = { scans: [{ nessus_scan_id: second, task_id: id }], problems: [] };
  expect(await keep(true)).toMatchObject(removed);
  expect(t.simulator.scans()).toHaveLength(3);
  expect(await keep(false)).toMatchObject(removed);
  const { nessus_scan_id: own } = await t.tasks.read(id);
  expect(
    t.simulator
      .scans()
      .map((scan) => scan.id)
      .sort(),
  ).toEqual([own, byHand].sort());
});

test('one that a call makes while the other is being followed is removed at once', async () => {
  const { t, later } = await withLateCreation();
  await using _ = t;
  const { registry } = t;
  let second: number | undefined;
  const scannerAsked = registry.acquire.bind(registry);
  registry.acquire = async (...args) => {
    const slot = await scannerAsked(...args);
    if (!slot) return slot;
    const launch: Scanner['launch'] = async (scanId, options) => {
      await slot.scanner.launch(scanId, options);
      second = await later();
    };
    return { ...slot, scanner: { ...slot.scanner, launch } };
  };
  const id = await t.submit();
  t.start();
  expect((await t.ended(id)).status).toBe('completed');
  expect(second).toBeDefined();
  expect(t.simulator.scans().map((scan) => scan.id)).toEqual([(await t.tasks.read(id)).nessus_scan_id]);
});

test('a scan that came of a creation which was canceled in between is removed by the housekeeping', async () => {
  const { t, later } = await withLateCreation();
  await using _ = t;
  const id = await t.submit();
  t.start({ observeMs: 2000 });
  await t.until(async () => (await t.tasks.read(id)).intent?.phase === 'creating');
  await t.tasks.change(id, undefined, (task) => ({ ...task, cancel: { at: 'now', by: 'alice' } }));
  expect(await t.ended(id)).toMatchObject({ status: 'failed', unanswered_create: true });
  await later();
  expect(t.simulator.scans()).toHaveLength(1);
  await runHousekeeping({ ...t, clock: Date.now, rules: RULES });
  expect(t.simulator.scans()).toHaveLength(0);
  expect(t.simulator.counts().launched).toBe(0);
});
