// What an attack must not get. Each throws with what it got instead.
import assert from 'node:assert/strict';

/** The answer to a refused request: none of these statuses is a success. */
export function refused(answer, statuses = [400, 401, 403, 404, 405, 406, 409, 413, 415, 429]) {
  assert.ok(statuses.includes(answer.status), `answered ${answer.status}, expected one of ${statuses}`);
}

/** A tool that refused. */
export function toolRefused(answer, why) {
  assert.ok(answer.isError, `not refused: ${answer.text.slice(0, 300)}`);
  if (why) assert.match(answer.text, why);
}

/** A text without another. */
export function without(text, ...forbidden) {
  for (const each of forbidden)
    assert.ok(!text.includes(each), `${JSON.stringify(each)} in ${around(text, each)}`);
}

function around(text, each) {
  const at = text.indexOf(each);
  return JSON.stringify(text.slice(Math.max(0, at - 100), at + each.length + 60));
}

/** Milliseconds that an action took, with its result. */
export async function timed(action) {
  const begun = performance.now();
  const result = await action();
  return { result, ms: performance.now() - begun };
}

/** Waits until something holds. */
export async function until(condition, { ms = 10_000, what = 'it' } = {}) {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`${what} did not happen within ${ms / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export { assert };
