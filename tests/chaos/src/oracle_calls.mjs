import { FACTOR } from './settings.mjs';

/**
 * Milliseconds of real time that lie between what a process does and when the harness hears of it. A call counts from the
 * moment at which it is made; however long it is on its way then, and its process stopped, is the network's flight.
 */
const SLACK_MS = 150;

/** The task that a scan is of, as its mark says. */
export function markerOf(description) {
  return /\[nmcp:([^\]]+)\]/.exec(description)?.[1];
}

/** Creates and launches that had an effect, and were made when their maker could have known better. */
export function lateCallsOf({ effects, histories, said, timeline, world }) {
  const versionsOf = (id) => histories.find(({ task }) => task.task_id === id)?.versions ?? [];
  const late = [];
  for (const { what, at, description, requestId } of effects) {
    const task = markerOf(description);
    const call = timeline.calls.get(requestId);
    if (task === undefined || !call || (what !== 'created' && what !== 'launched')) continue;
    const words = `${task} was ${what} at ${seconds(world.elapsed(call.at))}`;
    for (const { id, outcome, answeredAt } of said.canceled) {
      if (id !== task || answeredAt === undefined || outcome === 'ended') continue;
      if (call.at > answeredAt + SLACK_MS)
        late.push({
          rule: 'canceled',
          text: `${words}: ${seconds(FACTOR * (call.at - answeredAt))} after "${outcome}" was answered`,
        });
    }
    const later = laterHolder(holdersOf(versionsOf(task), timeline), call);
    if (later)
      late.push({
        rule: 'lease',
        text: `${words} by process ${call.by}, ${seconds(FACTOR * (call.at - later.at))} after ${later.by} took it over; it arrived ${seconds(at - world.clock(call.at))} later`,
      });
  }
  return late;
}

/** Who held a task, as its versions say: the first of each fence is of whoever has just taken it. */
function holdersOf(versions, { commits }) {
  const holders = [];
  for (const { task_id, version, lease_fence: fence } of versions)
    if (fence !== undefined && fence !== holders.at(-1)?.fence)
      holders.push({ fence, ...(commits.get(`${task_id}/${version}`) ?? {}) });
  return holders;
}

/** Who had taken the task over from the one that made a call, before it did. */
function laterHolder(holders, call) {
  const own = holders.findLastIndex(({ at, by }) => by === call.by && at <= call.at);
  return holders.slice(own + 1).find(({ at, by }) => by !== call.by && at < call.at - SLACK_MS);
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
