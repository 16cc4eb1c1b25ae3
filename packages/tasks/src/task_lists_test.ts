import { newTaskId, type PoolName, type Task } from '@nmcp/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TaskFilter, TaskLists, TaskPage } from './mod.ts';
import { WalkedTasks } from './task_lists_test_bench.ts';
import { newTask } from './task_store_test_bench.ts';
import { openBackends } from './task_stores_test_bench.ts';

const BACKENDS = await openBackends();

const NOW = Date.parse('2026-06-01T00:00:00.000Z');
const time = (seconds: number): string => new Date(NOW + 1000 * seconds).toISOString();

const STATS = {
  hosts_scanned: 1,
  total_vulnerabilities: 0,
  severity_breakdown: { critical: 0, high: 0, medium: 0, low: 0, info: 1 },
  file_size_kb: 1,
  auth_plugins_found: 0,
};

const someTask = fc
  .record({
    targets: fc.constantFrom('10.0.0.0/24', '10.0.0.7, web.example.org', '2001:db8::/64', 'db[10.1.0.1]', ''),
    pool: fc.constantFrom('nessus', 'nessus_dmz'),
    instance: fc.constantFrom(null, 's1', 's2'),
    owner: fc.constantFrom(undefined, 'alice', 'bob'),
    name: fc.constantFrom('weekly', '100 % of web_1', 'Über'),
    state: fc.constantFrom('queued', 'pending', 'running', 'completed', 'partial', 'attached'),
    made: fc.integer({ min: 0, max: 5 }),
    took: fc.integer({ min: 0, max: 5 }),
    scan: fc.constantFrom(null, 1, 2, 3),
    v3: fc.boolean(),
  })
  .map(({ targets, pool, instance, owner, name, state, made, took, scan, v3 }): Task => {
    const task = {
      ...newTask(targets, newTaskId('nessus')),
      scanner_pool: pool as PoolName,
      scanner_instance_id: instance,
      nessus_scan_id: scan,
      ...(owner === undefined ? {} : { owner }),
      created_at: v3 ? time(made).replace('Z', '456') : time(made),
    };
    task.payload = { ...task.payload, name };
    if (state === 'queued') return task;
    if (state === 'pending')
      return { ...task, approval: { state: 'pending', reason: 'r', expires_at: time(9) } };
    const started = { ...task, started_at: time(made + took) };
    if (state === 'running') return { ...started, status: 'running' };
    const ended = { ...started, completed_at: time(made + 2 * took) };
    if (state === 'partial') return { ...ended, status: 'timeout', error_message: 'late', partial: true };
    const counted = took === 0 ? {} : { validation_stats: STATS, ran: { scan_start: time(took) } };
    return { ...ended, ...counted, status: 'completed', ...(state === 'attached' ? { attached: true } : {}) };
  });

/** Values of each condition. */
const CONDITIONS: { [Name in keyof TaskFilter]-?: (tasks: readonly Task[]) => TaskFilter[Name][] } = {
  ids: (tasks) => [[], tasks.slice(3, 9).map(({ task_id }) => task_id)],
  status: () => ['queued', 'completed', ['queued', 'running']],
  pool: () => ['nessus', 'openvas'],
  instance: () => ['s1'],
  scanNumbers: () => [[], [1, 2, 9]],
  targets: () => ['10.0.0.7', '10.0.0.0/8', 'WEB.example.org', '2001:db8::1', '10.1.0.1', 'db'],
  text: () => ['WEEK', '100 %', 'b_1', 'über', '\\'],
  owner: () => ['alice'],
  visibleTo: () => [
    { owner: 'alice', pools: [] },
    { owner: 'bob', pools: ['nessus_dmz'] },
    { owner: 'eve', pools: 'all' },
  ],
  madeSince: () => [NOW + 2000],
  endedSince: () => [NOW + 4000],
  endedBefore: () => [NOW + 4000],
  beforeInSeries: (tasks) => tasks.filter(({ status }) => status === 'completed'),
  hasReport: () => [true],
  isPending: () => [true],
  hasScope: () => [true],
  isOwnScan: () => [true],
  mayHaveSecondScan: () => [true],
};
const somePage = fc.record(
  {
    order: fc.constantFrom('made' as const, 'ran' as const, 'began' as const, 'ended' as const),
    limit: fc.constantFrom(3, 1000),
    offset: fc.constantFrom(0, 2),
  },
  { requiredKeys: ['order'] },
);

/** Few conditions at a time, since many mean no task. */
function someFilter(tasks: readonly Task[]): fc.Arbitrary<TaskFilter & TaskPage> {
  const conditions = Object.entries(CONDITIONS).map(([name, valuesOf]) =>
    fc.constantFrom(...valuesOf(tasks)).map((value) => ({ [name]: value })),
  );
  return fc
    .tuple(fc.array(fc.oneof(...conditions), { maxLength: 2 }), somePage)
    .map(([some, page]) => Object.assign({}, ...some, page));
}

const idsOf = (tasks: readonly Task[]): string[] => tasks.map(({ task_id }) => task_id);

describe.each(BACKENDS)('lists in %s', (_name, make) => {
  test('are those of all tasks that the filter means, in its order and its part', async () => {
    await using place = await make();
    const store = await place.open();
    const tasks = fc.sample(someTask, { numRuns: 40, seed: 25 });
    for (const task of tasks) await store.create(task);
    const meant = new WalkedTasks(tasks);
    await fc.assert(
      fc.asyncProperty(someFilter(tasks), async (filter) => {
        expect(await store.ids(filter)).toEqual(await meant.ids(filter));
        expect(idsOf(await store.list(filter))).toEqual(await meant.ids(filter));
        expect(await store.count(filter)).toBe(await meant.count(filter));
      }),
      { numRuns: 200 },
    );
    for (const limit of [1, 3, 100])
      expect(idsOf(await store.latestOfSeries(limit, {}))).toEqual(
        idsOf(await meant.latestOfSeries(limit, {})),
      );
    const numbers = async (lists: TaskLists): Promise<string[]> =>
      (await lists.scanNumbers({ isOwnScan: true })).map((scan) => JSON.stringify(scan)).sort();
    expect(await numbers(store)).toEqual(await numbers(meant));
    expect((await store.pools()).toSorted()).toEqual((await meant.pools()).toSorted());
  });

  test('of thousands are whole, and in order', async () => {
    await using place = await make();
    const store = await place.open();
    const tasks = Array.from({ length: 2100 }, () => newTask());
    await Promise.all(tasks.map((task) => store.create(task)));
    expect(idsOf(await store.list())).toEqual(idsOf(tasks.toReversed()));
    expect(await store.damaged()).toEqual([]);
  });

  test('refuse targets that are none', async () => {
    await using place = await make();
    const store = await place.open();
    await expect(store.list({ targets: '10.0.0.300' })).rejects.toMatchObject({ code: 'invalid_input' });
  });

  test('of scans on a scanner leave out those of the one who asks', async () => {
    await using place = await make();
    const { owners } = await place.open();
    const { task_id } = newTask();
    const url = 'https://scanner.example:8834/';
    for (const [id, owner] of [
      [1, 'alice'],
      [2, 'bob'],
      [2, 'alice'],
      [3, undefined],
      [3, undefined],
    ] as const)
      await owners.note(url, id, { owner, task_id });
    expect(await owners.othersOn(url, 'alice')).toEqual(new Set([3]));
    expect(await owners.othersOn(url, 'bob')).toEqual(new Set([1, 3]));
    await owners.forget(url, 3);
    expect(await owners.othersOn(url, 'carol')).toEqual(new Set([1, 2]));
    expect(await owners.othersOn('https://other.example', 'carol')).toEqual(new Set());
  });
});
