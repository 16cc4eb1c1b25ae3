import { isFinal } from '@nmcp/types';
import {
  changedTo,
  IDLE,
  type ModelCall,
  type ModelTask,
  type ModelWorker,
  type Rules,
  type World,
  withWorker,
} from './task_life_test_model.ts';

/** What one worker can do next. */
export function* workerSteps(
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
