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

export interface ModelTask {
  status: ScanState;
  fence: number;
  cancel: boolean;
  intent: 'creating' | 'launching' | null;
  scanId: number | null;
}

export interface ModelScan {
  launches: number;
  removed: boolean;
}

export interface ModelCall {
  kind: 'create' | 'launch';
  by: number;
  scan: number | null;
}

export interface ModelWorker {
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

/** A worker without a task. */
export const IDLE: ModelWorker = { at: 'idle', fence: 0, scan: null, seen: null, holds: false };

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

/** The workers, one of them changed. */
export function withWorker(world: World, i: number, changed: ModelWorker): readonly ModelWorker[] {
  return world.workers.map((one, other) => (other === i ? changed : one));
}

/** A change of the task: what anybody has looked at is the last version no more. */
export function changedTo(world: World, task: ModelTask): Pick<World, 'task' | 'workers'> {
  const workers = world.workers.map((one) =>
    one.seen ? { ...one, seen: { ...one.seen, isLast: false } } : one,
  );
  return { task, workers };
}

/** How the product ends a task. */
export function ended({ status }: ModelTask): ScanState {
  const task = { status, payload: {} } as Parameters<typeof endedTask>[0]; // the parts that are looked at
  return endedTask(task, { status: 'failed', at: 0, error_message: '' }).status;
}
