/** Plays that a search may cost. */
const MOST_PLAYS = 24;

/**
 * Finds fewer events that still break a rule: leaves out halves, then quarters, in the end single ones.
 *
 * @param stillBreaks plays a plan
 * @returns the smallest plan that was found
 */
export async function shrink(plan, stillBreaks, plays = MOST_PLAYS) {
  let events = plan.events;
  let left = plays;
  for (let size = Math.ceil(events.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < events.length && left > 0; ) {
      const fewer = events.toSpliced(at, size);
      left--;
      if (fewer.length > 0 && (await stillBreaks({ ...plan, events: fewer }))) events = fewer;
      else at += size;
    }
  }
  return { ...plan, events };
}
