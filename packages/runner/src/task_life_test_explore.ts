import { isFinal } from '@nmcp/types';
import {
  changedTo,
  ended,
  IDLE,
  type ModelCall,
  type ModelScan,
  type ModelWorker,
  type Rules,
  START,
  violation,
  type World,
  withWorker,
} from './task_life_test_model.ts';
import { workerSteps } from './task_life_test_worker.ts';

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

/** Everything that can happen next. */
function next(world: World, rules: Rules): [string, World][] {
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

function arrived(scans: readonly ModelScan[], { kind, scan }: ModelCall): readonly ModelScan[] {
  if (kind === 'create') return [...scans, { launches: 0, removed: false }];
  // 409, or 404: one that runs or ran, or is gone, is not launched again
  return scans.map((one, id) =>
    id === scan && one.launches === 0 && !one.removed ? { ...one, launches: 1 } : one,
  );
}

function canceled(world: World): Partial<World> {
  const { task } = world;
  if (isFinal(task.status)) return { person: 'told ended' };
  if (task.status === 'running')
    return { person: 'told requested', ...changedTo(world, { ...task, cancel: true }) };
  return { person: 'told canceled', ...changedTo(world, { ...task, status: ended(task), intent: null }) };
}
