import { endedTask } from '@nmcp/tasks';
import { canTransition, isFinal, type ScanState } from '@nmcp/types';

/**
 * A model of a task's life: two workers, a person who cancels, a queue that forgets and lets leases run out, a scanner that
 * answers late or never, and everything that can happen next at any moment. It takes the state machine of the product, and its
 * rules about changes, intentions and observation as `runner/steps` and `tasks` have them. It is explored to its bound.
 *
 * One thing is taken for granted: a call that was intended arrives, if it does, before an observation ends that began after
 * it. That is what the observation's length is for.
 */
export interface World {
  task: ModelTask;
  queue: { waits: boolean; holder: number | null; fence: number };
  scans: readonly ModelScan[];
  /** Calls that were intended and have not arrived. */
  calls: readonly ModelCall[];
  workers: readonly ModelWorker[];
  person: 'silent' | 'told canceled' | 'told requested' | 'told ended';
  /** Things that may still go wrong. */
  left: { crashes: number; expiries: number; restores: number; silences: number };
}

interface ModelTask {
  status: ScanState;
  fence: number;
  cancel: boolean;
  intent: 'creating' | 'launching' | null;
  scanId: number | null;
}

interface ModelScan {
  launches: number;
  removed: boolean;
}

interface ModelCall {
  kind: 'create' | 'launch';
  by: number;
  scan: number | null;
}

interface ModelWorker {
  at:
    | 'idle'
    | 'begin'
    | 'decide'
    | 'create'
    | 'creating'
    | 'look for scan'
    | 'launch'
    | 'launching'
    | 'look for launch'
    | 'follow'
    | 'done';
  fence: number;
  scan: number | null;
  /** What a change is asked on, between its look and its commit; not the last version any more when another one came. */
  seen: { task: ModelTask; isLast: boolean } | null;
  /** Its lease has not ended here. */
  holds: boolean;
}

/** Rules that can be taken away, to see that the model misses them. */
export interface Rules {
  /** A change commits on the version that it was asked on, or is asked again. */
  compareAndSet: boolean;
  /** A holder with a smaller fence than the last one's changes nothing. */
  fence: boolean;
  /** No intention passes a cancellation. */
  cancelBeforeIntent: boolean;
  /** What was intended and not answered is looked for before it is done again. */
  observe: boolean;
  /** An intention is written down before its call. */
  intentFirst: boolean;
  /** A final state stays. */
  finalStays: boolean;
}

export const ALL_RULES: Rules = {
  compareAndSet: true,
  fence: true,
  cancelBeforeIntent: true,
  observe: true,
  intentFirst: true,
  finalStays: true,
};

const IDLE: ModelWorker = { at: 'idle', fence: 0, scan: null, seen: null, holds: false };

/** A task that waits. */
export const START: World = {
  task: { status: 'queued', fence: 0, cancel: false, intent: null, scanId: null },
  queue: { waits: true, holder: null, fence: 0 },
  scans: [],
  calls: [],
  workers: [IDLE, IDLE],
  person: 'silent',
  left: { crashes: 1, expiries: 1, restores: 1, silences: 2 },
};

/** What was promised and does not hold; `undefined` when all does. */
export function violation(before: World, { task, scans, person, workers, calls }: World): string | undefined {
  if (before.task.cancel && calls.length > before.calls.length)
    return 'something was begun after the cancellation';
  if (scans.some(({ launches }) => launches > 1)) return 'a scan was launched twice';
  if (scans.filter(({ launches }) => launches > 0).length > 1) return 'two scans were launched';
  if (scans.filter(({ removed }) => !removed).length > 1) return 'there are two scans';
  if (isFinal(before.task.status) && task.status !== before.task.status) return 'a final state was left';
  const launched = (world: Pick<World, 'scans'>): number =>
    world.scans.reduce((sum, { launches }) => sum + launches, 0);
  if (person === 'told canceled' && launched({ scans }) > 0) return 'it was told canceled, and scanned';
  if (
    task.status !== before.task.status &&
    !canTransition(before.task.status, task.status) &&
    before.task.status !== task.status
  )
    return `${before.task.status} became ${task.status}`;
  if (workers.some(({ at }) => at === 'done') && !isFinal(task.status))
    return 'a worker was done with a task that is open';
  return undefined;
}

/** Everything that can happen next. */
export function next(world: World, rules: Rules): [string, World][] {
  const steps: [string, World][] = [];
  const add = (name: string, change: Partial<World>): void =>
    void steps.push([name, { ...world, ...change }]);
  world.workers.forEach((worker, i) => {
    for (const [name, change] of workerSteps(world, worker, i, rules)) add(`w${i} ${name}`, change);
    if (worker.at !== 'idle' && worker.at !== 'done' && world.left.crashes > 0)
      add(`w${i} dies`, {
        workers: withWorker(world, i, IDLE),
        left: { ...world.left, crashes: world.left.crashes - 1 },
      });
  });
  const { queue, left, task } = world;
  if (queue.holder !== null && left.expiries > 0)
    // the local end comes first, and then the store's
    add('the lease runs out', {
      queue: { ...queue, holder: null, waits: true },
      workers: withWorker(world, queue.holder, { ...worker(world, queue.holder), holds: false }),
      left: { ...left, expiries: left.expiries - 1 },
    });
  if (queue.holder !== null && worker(world, queue.holder).at === 'idle')
    add('the lease of the dead one runs out', { queue: { ...queue, holder: null, waits: true } });
  if (left.restores > 0 && queue.holder !== null)
    // whoever held it does not know, and its lease has not ended here
    add('the store is restored from before the claim', {
      queue: { ...queue, holder: null, waits: true },
      left: { ...left, restores: left.restores - 1 },
    });
  if (!queue.waits && queue.holder === null && !isFinal(task.status))
    add('the reconciliation queues it', { queue: { ...queue, waits: true } });
  world.calls.forEach((call, i) => {
    const calls = world.calls.filter((_, other) => other !== i);
    add(`${call.kind} of w${call.by} arrives`, { calls, scans: arrived(world.scans, call) });
    const isOfDead = worker(world, call.by).at === 'idle';
    if (isOfDead || left.silences > 0)
      add(`${call.kind} of w${call.by} never arrives`, {
        calls,
        left: isOfDead ? left : { ...left, silences: left.silences - 1 },
      });
  });
  if (world.person === 'silent') add('the person cancels', canceled(world));
  return steps;
}

function worker(world: World, i: number): ModelWorker {
  return world.workers[i] ?? IDLE;
}

function withWorker(world: World, i: number, changed: ModelWorker): readonly ModelWorker[] {
  return world.workers.map((one, other) => (other === i ? changed : one));
}

function arrived(scans: readonly ModelScan[], { kind, scan }: ModelCall): readonly ModelScan[] {
  if (kind === 'create') return [...scans, { launches: 0, removed: false }];
  // 409, or 404: one that runs or ran, or is gone, is not launched again
  return scans.map((one, id) =>
    id === scan && one.launches === 0 && !one.removed ? { ...one, launches: 1 } : one,
  );
}

/** A change of the task: what anybody has looked at is the last version no more. */
function changedTo(world: World, task: ModelTask): Pick<World, 'task' | 'workers'> {
  const workers = world.workers.map((one) =>
    one.seen ? { ...one, seen: { ...one.seen, isLast: false } } : one,
  );
  return { task, workers };
}

function canceled(world: World): Partial<World> {
  const { task } = world;
  if (isFinal(task.status)) return { person: 'told ended' };
  if (task.status === 'running')
    return { person: 'told requested', ...changedTo(world, { ...task, cancel: true }) };
  return { person: 'told canceled', ...changedTo(world, { ...task, status: ended(task), intent: null }) };
}

/** As the product ends a task. */
function ended({ status }: ModelTask): ScanState {
  const task = { status, payload: {} } as Parameters<typeof endedTask>[0]; // the parts that are looked at
  return endedTask(task, { status: 'failed', at: 0, error_message: '' }).status;
}

/** What one worker can do next. */
function* workerSteps(
  world: World,
  me: ModelWorker,
  i: number,
  rules: Rules,
): Generator<[string, Partial<World>]> {
  const { task, queue } = world;
  const goIn = (from: World, changed: Partial<ModelWorker>, more: Partial<World> = {}): Partial<World> => ({
    ...more,
    workers: withWorker(from, i, { ...me, seen: null, ...changed }),
  });
  const go = (changed: Partial<ModelWorker>, more: Partial<World> = {}): Partial<World> =>
    goIn(world, changed, more);
  const leave = go(IDLE, queue.holder === i ? { queue: { ...queue, holder: null } } : {});

  /** A change, in its two halves: a look, and the commit. */
  function* change(
    name: string,
    judge: (before: ModelTask) => Partial<ModelTask> | 'leave',
    then: (after: ModelTask, world: World) => Partial<World>,
  ): Generator<[string, Partial<World>]> {
    if (!me.holds) return yield [`${name}: its lease has ended`, leave];
    const looked = go({ seen: { task, isLast: true } });
    if (me.seen === null) return yield [`${name}: looks`, looked];
    if (rules.compareAndSet && !me.seen.isLast) return yield [`${name}: asks again`, looked];
    const before = me.seen.task;
    if (rules.fence && before.fence > me.fence) return yield [`${name}: is stale`, leave];
    if (rules.finalStays && isFinal(before.status)) return yield [`${name}: it has ended`, leave];
    const made = judge(before);
    if (made === 'leave') return yield [`${name}: may not`, leave];
    const after = { ...before, ...made, fence: me.fence };
    const { workers } = changedTo(world, after);
    yield [`${name}: commits`, { ...then(after, { ...world, workers }), task: after }];
  }

  switch (me.at) {
    case 'idle':
      if (queue.waits) {
        const fence = queue.fence + 1;
        yield [
          'claims',
          go({ at: 'begin', fence, holds: true, scan: null }, { queue: { waits: false, holder: i, fence } }),
        ];
      }
      return;
    case 'begin':
      yield* change(
        'begins',
        () => ({ status: 'running' }),
        (_, now) => goIn(now, { at: 'decide' }),
      );
      return;
    case 'decide': {
      const { cancel, scanId, intent } = task;
      if (cancel)
        yield* change(
          'stops',
          () => ({ status: 'failed', intent: null }),
          (_, now) => goIn(now, { at: 'done' }),
        );
      else if (scanId !== null)
        yield ['goes on', go({ at: intent === 'launching' ? 'look for launch' : 'launch', scan: scanId })];
      else yield ['goes on', go({ at: intent === 'creating' && rules.observe ? 'look for scan' : 'create' })];
      return;
    }
    case 'create': {
      const call: ModelCall = { kind: 'create', by: i, scan: null };
      if (!rules.intentFirst)
        return yield ['creates', go({ at: 'creating' }, { calls: [...world.calls, call] })];
      yield* change(
        'intends to create',
        (before) => (rules.cancelBeforeIntent && before.cancel ? 'leave' : { intent: 'creating' }),
        (_, now) => goIn(now, { at: 'creating' }, { calls: [...world.calls, call] }),
      );
      return;
    }
    case 'creating':
    case 'launching': {
      const kind = me.at === 'creating' ? 'create' : 'launch';
      const isOut = world.calls.some((call) => call.by === i && call.kind === kind);
      // answered when it has arrived; the answer can get lost, and so can the call
      if (!isOut && kind === 'create' && world.scans.length > 0)
        yield ['is answered', go({ at: 'launch', scan: world.scans.length - 1 })];
      if (!isOut && kind === 'launch') yield ['is answered', go({ at: 'follow' })];
      const look = kind === 'create' ? 'look for scan' : 'look for launch';
      const hasHadEffect = isOut || (kind === 'create' ? world.scans.length > 0 : true);
      if (!hasHadEffect)
        yield ['gets no answer, since nothing arrived', go({ at: rules.observe ? look : 'create' })];
      if (hasHadEffect && world.left.silences > 0)
        yield [
          'gets no answer',
          go(
            { at: rules.observe ? look : kind },
            { left: { ...world.left, silences: world.left.silences - 1 } },
          ),
        ];
      return;
    }
    case 'look for scan': {
      if (world.calls.some(({ kind }) => kind === 'create')) return; // it looks for longer than that
      const found = world.scans.findIndex(({ removed }) => !removed);
      yield ['has looked', go(found < 0 ? { at: 'create' } : { at: 'launch', scan: found })];
      return;
    }
    case 'launch': {
      const scan = me.scan ?? 0;
      if ((world.scans[scan]?.launches ?? 0) > 0) return yield ['sees that it runs', go({ at: 'follow' })];
      const call: ModelCall = { kind: 'launch', by: i, scan };
      const remove = world.scans.map((one, id) => (id === scan ? { ...one, removed: true } : one));
      yield* change(
        'intends to launch',
        (before) =>
          rules.cancelBeforeIntent && before.cancel
            ? { scanId: scan, status: 'failed', intent: null }
            : { scanId: scan, intent: 'launching' },
        (after, now) =>
          isFinal(after.status)
            ? goIn(now, { at: 'done' }, { scans: remove })
            : goIn(now, { at: 'launching' }, { calls: [...world.calls, call] }),
      );
      return;
    }
    case 'look for launch': {
      if (rules.observe && world.calls.some(({ kind }) => kind === 'launch')) return;
      const runs = (world.scans[me.scan ?? 0]?.launches ?? 0) > 0;
      yield ['has looked', go({ at: runs ? 'follow' : 'launch' })];
      return;
    }
    case 'follow': {
      if (task.cancel)
        yield* change(
          'stops',
          () => ({ status: 'failed', intent: null }),
          (_, now) => goIn(now, { at: 'done' }),
        );
      else if ((world.scans[me.scan ?? 0]?.launches ?? 0) > 0)
        yield* change(
          'finishes',
          () => ({ status: 'completed', intent: null }),
          (_, now) => goIn(now, { at: 'done' }),
        );
      else yield ['sees that it does not run', go({ at: 'decide' })];
      return;
    }
    case 'done':
      return;
  }
}

/** What an exploration has found. */
export interface Exploration {
  worlds: number;
  /** What goes wrong, and by which steps. */
  found?: { why: string; steps: readonly string[] } | undefined;
  /** A world in which nothing can happen any more, and the task is open. */
  stuck?: readonly string[] | undefined;
}

/** Looks at every world that can be reached, nearest first. */
export function explore(rules: Rules, limit = 2_000_000): Exploration {
  const parents = new Map<string, { from: string | undefined; step: string }>();
  const startKey = JSON.stringify(START);
  parents.set(startKey, { from: undefined, step: 'start' });
  const path = (key: string): string[] => {
    const steps: string[] = [];
    for (let at: string | undefined = key; at !== undefined; at = parents.get(at)?.from)
      steps.unshift(parents.get(at)?.step ?? '');
    return steps;
  };
  let ring: World[] = [START];
  while (ring.length > 0) {
    const following: World[] = [];
    for (const world of ring) {
      const key = JSON.stringify(world);
      const steps = next(world, rules);
      if (steps.length === 0 && !isFinal(world.task.status))
        return { worlds: parents.size, stuck: path(key) };
      for (const [step, after] of steps) {
        const afterKey = JSON.stringify(after);
        if (parents.has(afterKey)) continue;
        parents.set(afterKey, { from: key, step });
        const why = violation(world, after);
        if (why !== undefined) return { worlds: parents.size, found: { why, steps: path(afterKey) } };
        if (parents.size > limit) throw new Error(`The model has more than ${limit} worlds`);
        following.push(after);
      }
    }
    ring = following;
  }
  return { worlds: parents.size };
}
