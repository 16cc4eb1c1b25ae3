// Named points of a process at which it can be killed, stopped, or told that the disk failed.
import { writeSync } from 'node:fs';

/** The harness reads it; what is written there is there even if the process is killed right after. */
const REPORT = 3;
const TEXTS = {
  ENOSPC: 'no space left on device',
  EIO: 'i/o error',
  ESTALE: 'stale file handle',
  EROFS: 'read-only file system',
};
/** The machine's clock; this is loaded before it is replaced. */
const realNow = Date.now;
let armed = [];

/** @param arms each `{point, count, how, times}`: what happens when a point is passed for the count-th time */
export function arm(arms) {
  armed = arms.map((one) => ({ count: 1, times: 1, ...one }));
}

/** Says something to the harness. */
export function report(line) {
  try {
    writeSync(REPORT, `${JSON.stringify({ ...line, at: realNow() })}\n`);
  } catch {
    // the harness is gone
  }
}

/** A point is passed. @throws the system's error where the disk is to fail */
export function pass(point) {
  const one = armed.find((each) => each.point === point);
  if (!one || --one.count > 0) return;
  if (--one.times <= 0) armed = armed.filter((each) => each !== one);
  report({ hit: point, how: one.how });
  if (one.how === 'kill') process.kill(process.pid, 'SIGKILL');
  else if (one.how === 'stop') process.kill(process.pid, 'SIGSTOP');
  else throw Object.assign(new Error(`${one.how}: ${TEXTS[one.how]}, ${point}`), { code: one.how });
}
