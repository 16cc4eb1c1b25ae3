// Time for a process under test: it runs faster by a factor, so that production's hours pass in minutes and every constant
// keeps its proportion to every other; and the wall clock can be off, or jump. Of one process alone, as after a bad NTP step.
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { createRequire } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { promisify } from 'node:util';

const RealDate = Date;
const realNow = Date.now;
const realMonotonic = performance.now.bind(performance);

/**
 * Replaces Date, performance.now and the timers. Files keep their real times, so what is read of these is translated, and so
 * is the clock of the Redis server, which scripts ask for.
 *
 * @param factor seconds that pass in a real one
 * @param base real time at which both clocks agree, in milliseconds; the same for all processes of a run
 * @param shiftMs by how much the wall clock of this process is off
 */
export function runFaster({ factor, base, shiftMs }) {
  let shift = shiftMs;
  const translate = (real) => base + factor * (real - base);
  const now = () => Math.floor(translate(realNow()) + shift);
  replaceDate(now);
  performance.now = () => factor * realMonotonic();
  replaceTimers(factor);
  translateFileTimes(translate);
  translateScripts(factor, base);
  if (!process.env.REDIS_URL) translateDatabase((real) => translate(real) + shift);
  return {
    /** The wall clock jumps. */
    jump(ms) {
      shift += ms;
    },
  };
}

function replaceDate(now) {
  function FastDate(...args) {
    if (new.target === undefined) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, args.length === 0 ? [now()] : args, new.target);
  }
  FastDate.prototype = RealDate.prototype;
  RealDate.prototype.constructor = FastDate;
  Object.setPrototypeOf(FastDate, RealDate);
  FastDate.now = now;
  globalThis.Date = FastDate;
}

function replaceTimers(factor) {
  const { setTimeout: later, setInterval: often } = globalThis;
  const waitFor = timersPromises.setTimeout;
  const fast =
    (start) =>
    (action, ms = 0, ...rest) =>
      start(action, ms / factor, ...rest);
  globalThis.setTimeout = fast(later);
  globalThis.setInterval = fast(often);
  timersPromises.setTimeout = (ms = 0, ...rest) => waitFor(ms / factor, ...rest);
  globalThis.setTimeout[promisify.custom] = timersPromises.setTimeout;
  timers.setTimeout = globalThis.setTimeout;
  timers.setInterval = globalThis.setInterval;
  const limit = AbortSignal.timeout;
  AbortSignal.timeout = (ms) => limit.call(AbortSignal, Math.ceil(ms / factor));
}

function translateFileTimes(translate) {
  const { stat } = fsPromises;
  fsPromises.stat = async (...args) => {
    const found = await stat(...args);
    if (typeof found.mtimeMs === 'number') found.mtimeMs = translate(found.mtimeMs);
    return found;
  };
}

/** The embedded store reads the machine's clock through SQLite, which knows nothing of ours. */
function translateDatabase(translate) {
  const loadFromQueue = createRequire(new URL('../../../../packages/queue/package.json', import.meta.url));
  const { prototype } = loadFromQueue('libsql');
  const { prepare } = prototype;
  prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    if (!sql.includes("('now'")) return statement;
    return {
      get: (...values) => ({ now: Math.floor(translate(statement.get(...values).now)) }),
    };
  };
}

/** How the scripts make milliseconds of what Redis answers to TIME. */
const SERVER_TIME = 'time[1] * 1000 + math.floor(time[2] / 1000)';

function translateScripts(factor, base) {
  const { readFileSync } = fs;
  fs.readFileSync = (path, ...rest) => {
    const text = readFileSync(path, ...rest);
    if (!String(path).endsWith('.lua') || !text.includes("'TIME'")) return text;
    if (!text.includes(SERVER_TIME))
      throw new Error(`${path} asks for the time in a way that is not known here`);
    return text.replaceAll(SERVER_TIME, `${base} + ${factor} * (${SERVER_TIME} - ${base})`);
  };
}
