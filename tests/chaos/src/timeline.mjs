// Who held which task when, as the workers' logs say; and how long it took until another one held it.
const TAKEN = new Set(['task started', 'task resumed']);
const LEFT = new Set([
  'task ended',
  'task given back',
  'the task had ended',
  'the lease was lost; another worker goes on',
]);

export function createTimeline() {
  /** By task, `{at, by}` in the order in which they took it. */
  const owners = new Map();
  /** By task, who holds it now. */
  const held = new Map();
  /** By task, since when its holder is gone. */
  const orphans = new Map();
  const takeovers = [];
  /** By id of the request, when the call was made and by whom. */
  const calls = new Map();
  const hits = [];

  function hearLog({ msg, task_id: task }, { at, pid }) {
    if (task === undefined) return;
    if (TAKEN.has(msg)) {
      const since = orphans.get(task);
      if (since !== undefined) takeovers.push({ task, ms: at - since });
      orphans.delete(task);
      held.set(task, pid);
      owners.set(task, [...(owners.get(task) ?? []), { at, by: pid }]);
    } else if (LEFT.has(msg) && held.get(task) === pid) {
      orphans.delete(task);
      held.delete(task);
    }
  }

  return {
    owners,
    takeovers,
    calls,
    hits,
    hear(message) {
      if (message.log) hearLog(message.log, message);
      if (message.hit) hits.push(message);
      if (message.call) calls.set(message.id, { call: message.call, at: message.at, by: message.pid });
    },
    /** A process was killed or stopped: what it holds waits for another. */
    lose(pid, at) {
      for (const [task, by] of held) if (by === pid) orphans.set(task, at);
    },
  };
}
