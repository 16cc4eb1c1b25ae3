/** The states that may follow a state, itself included while it is not final. */
const NEXT = {
  queued: ['queued', 'running', 'failed'],
  running: ['running', 'completed', 'failed', 'timeout'],
};

/** Steps that a task should not have taken, in words. @param versions all of them, in their order */
export function transitionsOf(versions) {
  const wrong = [];
  const [first] = versions;
  if (first && first.status !== 'queued') wrong.push(`${first.task_id} began ${first.status}`);
  for (const [i, now] of versions.entries()) {
    const before = versions[i - 1];
    if (!before) continue;
    const say = (why) => wrong.push(`${now.task_id}: version ${now.version} ${why}`);
    if (now.version !== before.version + 1) say(`follows ${before.version}`);
    if (!(NEXT[before.status] ?? []).includes(now.status)) say(`is ${now.status} after ${before.status}`);
    if ((now.lease_fence ?? 0) < (before.lease_fence ?? 0))
      say('is of an earlier holder than the one before');
    if (before.cancel && now.intent && now.intent.at !== before.intent?.at)
      say('intends something after a cancel');
    if (before.cancel && !now.cancel) say('forgets that it was canceled');
  }
  return wrong;
}
