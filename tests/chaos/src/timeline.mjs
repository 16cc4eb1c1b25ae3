// What was heard of the processes: who held which task, how long it took until another one did, who made which call when.
const TAKEN = new Set(['task started', 'task resumed']);
const LEFT = new Set([
  'task ended',
  'task given back',
  'the task had ended',
  'the lease was lost; another worker goes on',
]);

export function createTimeline() {
  /** By task, who holds it now. */
  const held = new Map();
  /** By task, since when its holder is gone. */
  const orphans = new Map();
  const takeovers = [];
  /** By id of the request, when the call was made and by whom. */
  const calls = new Map();
  /** By task and version, who has made it and when. */
  const commits = new Map();
  const hits = [];

  function hearLog({ msg, task_id: task }, { at, pid }) {
    if (task === undefined) return;
    if (TAKEN.has(msg)) {
      const since = orphans.get(task);
      if (since !== undefined) takeovers.push({ task, ms: at - since });
      orphans.delete(task);
      held.set(task, pid);
    } else if (LEFT.has(msg) && held.get(task) === pid) {
      orphans.delete(task);
      held.delete(task);
    }
  }

  return {
    commits,
    takeovers,
    calls,
    hits,
    hear(message) {
      if (message.log) hearLog(message.log, message);
      if (message.hit) hits.push(message);
      if (message.commit)
        commits.set(`${message.commit}/${message.version}`, { by: message.pid, at: message.at });
      if (message.call) calls.set(message.id, { call: message.call, at: message.at, by: message.pid });
    },
    /** A process was killed or stopped: what it holds waits for another. */
    lose(pid, at) {
      for (const [task, by] of held) if (by === pid) orphans.set(task, at);
    },
  };
}
