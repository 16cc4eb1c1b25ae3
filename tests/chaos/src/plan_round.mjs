// What happens in a round, as data: the same seed and number make the same events.
import { seededRandom } from '@nmcp/test-support';
import { apiPointsOf, LOST_ANSWERS, workerPointsOf } from './points.mjs';
import { VARIANTS } from './scanners_file.mjs';
import { SCANNERS } from './settings.mjs';

const TARGETS = '192.0.2.0/29';
/** The policy wants an operator's approval for these. */
const SENSITIVE = '192.0.2.64/29';
/** Past the client's limit; past the lease; past the lease and the time for which a call is looked for. */
const STOPS = [35_000, 70_000, 120_000];
const DISK = [
  { how: 'ENOSPC' },
  { how: 'ENOSPC', times: 3 },
  { how: 'EIO' },
  { how: 'ESTALE' },
  { how: 'EROFS', times: 2 },
];
const SCANNER_FAULTS = [
  { fault: { delayMs: 45_000 }, ms: 100_000 },
  { fault: { delayMs: 45_000, path: 'launch' }, ms: 60_000 },
  { fault: { delayMs: 45_000, method: 'POST', path: '^/scans$' }, ms: 60_000 },
  { fault: { delayMs: 20_000 }, ms: 90_000 },
  { fault: { reset: true }, ms: 180_000 },
  { fault: { reset: 'afterwards', method: 'POST' }, ms: 20_000 },
  { fault: { reset: 'afterwards', path: 'launch', times: 1 }, ms: 60_000 },
  { fault: { reset: 'afterwards', method: 'POST', path: '^/scans$', times: 1 }, ms: 60_000 },
  { fault: { status: 500 }, ms: 20_000 },
  { fault: { status: 503 }, ms: 20_000 },
  { fault: { status: 429, headers: { 'retry-after': '5' } }, ms: 20_000 },
  { fault: { halfBody: true, times: 4 }, ms: 60_000 },
  { fault: { halfBody: true, path: 'download', times: 1 }, ms: 60_000 },
  { fault: { bytesPerSecond: 4000 }, ms: 60_000 },
  { fault: { expireSessions: true, times: 5 }, ms: 60_000 },
];
const REDIS_FAULTS = [
  { how: 'restart', ms: 0 },
  { how: 'wipe', ms: 0 },
  { how: 'restore', ms: 30_000 },
  { how: 'fail over', ms: 0 },
  { how: 'fail over', ms: 15_000 },
  { how: 'demote', ms: 20_000 },
  { how: 'silent', ms: 90_000 },
  { how: 'late', ms: 20_000 },
  { how: 'late', ms: 70_000 },
];
/** What scanners in the field do, and a scan outlasts: the names of the simulator's quirks. */
const HABITS = [
  'lists-null',
  'facts-null',
  'text-numbers',
  'milliseconds',
  'details-long',
  'details-slow',
  'templates-change',
  'create-answer-lost',
  'no-tokens',
  'export-forgotten',
  'export-busy',
  'export-of-another',
  'shared-namesake',
  'imported-namesake',
  'deleted-namesake',
  'session-dies',
  'canceling-word',
  'odd-word',
  'active-limit',
  'launch-answer-lost',
  'rate-limit',
  'loading-503',
  'html-answers',
  'odd-401',
  'odd-400',
  'odd-403',
  'odd-302',
  'odd-html',
];
const JUMPS = [-300_000, -90_000, -20_000, 20_000, 90_000, 300_000];

/** What a round can have beside its points; every kind comes by in turn, others are added by chance. */
export const KINDS = [
  'point',
  'scanner',
  'redis',
  'cancel',
  'clock',
  'lost answer',
  'config',
  'approve',
  'stop',
  'retry',
  'import',
  'kill api',
  'loading',
  'kill scanners',
  'freeze scanners',
  'kill workers',
  'habit',
  'postgres',
];
const REDIS_ONLY = new Set(['redis', 'lost answer']);

/**
 * @param rounds how many there are; in few, each has several kinds of trouble
 * @param habits the scanners do what real ones do, whatever else happens
 * @param aimedAt a point that has to be hit, in place of the one whose turn it is
 * @returns `{round, seed, store, speed, kind, events}`; an event is `{do, at, ...}` with production's milliseconds, counted
 *   from the start, or with `after` from when the first worker is at its point
 */
export function planRound({ seed, round, rounds = KINDS.length, store, aimedAt, habits = false }) {
  const random = seededRandom(
    seed * 100_003 + round * 7919 + ['redis', 'embedded', 'postgres'].indexOf(store),
  );
  const oneOf = (items) => items[Math.floor(random() * items.length)];
  const soon = (ms = 12_000) => Math.floor(random() * ms);
  const kinds = KINDS.filter(
    (kind) =>
      (store !== 'embedded' || !REDIS_ONLY.has(kind)) && (store === 'postgres' || kind !== 'postgres'),
  );
  const [workerPoints, apiPoints] = [workerPointsOf(store), apiPointsOf(store)];
  const own = kinds.filter((_, i) => i % rounds === round % rounds || i === round % kinds.length);
  const kind = own.join(' + ');
  const events = [
    { do: 'submit', at: 0, name: 'a', targets: TARGETS },
    { do: 'submit', at: 0, name: 'b', key: `key-${seed}-${round}`, targets: TARGETS, times: 2 },
    { do: 'submit', at: soon(20_000), name: 'again', key: `key-${seed}-${round}`, targets: TARGETS },
  ];

  function addPoint(who, point, more = {}) {
    const ways = point.startsWith('fs.') ? ['kill', 'stop', 'disk', 'disk'] : ['kill', 'stop'];
    const way = oneOf(ways);
    const how = way === 'disk' ? oneOf(DISK) : { how: way };
    const count = random() < 0.7 ? 1 : 2;
    events.push({ do: 'point', at: 0, who, point, count, ...how, ms: oneOf(STOPS), ...more });
  }

  const add = {
    /** Nothing else, so that the takeover can be measured. */
    point: () => {},
    scanner: () =>
      events.push({ do: 'scanner', at: soon(), which: oneOf(SCANNERS), ...oneOf(SCANNER_FAULTS) }),
    redis: () => events.push({ do: 'redis', at: soon(15_000), ...oneOf(REDIS_FAULTS) }),
    'lost answer': () => {
      for (const point of [oneOf(LOST_ANSWERS), oneOf(LOST_ANSWERS)])
        events.push({ do: 'lose', at: soon(6000), point, count: oneOf([1, 1, 3]) });
    },
    clock: () => {
      // the embedded store has one machine, and so one clock
      const who = store !== 'embedded' ? oneOf(['w1', 'w2', 'api']) : 'w1+w2+api';
      events.push({ do: 'clock', at: soon(), who, ms: oneOf(JUMPS), for: oneOf([20_000, 120_000]) });
      if (store !== 'embedded')
        events.push({ do: 'shift', at: 0, who: oneOf(['w1', 'w2', 'api']), ms: oneOf(JUMPS), for: 100_000 });
    },
    habit: () => {
      for (const which of SCANNERS)
        events.push({
          do: 'habit',
          at: soon(4000),
          which,
          quirks: [...new Set([oneOf(HABITS), oneOf(HABITS)])],
          ms: oneOf([20_000, 90_000]),
        });
    },
    postgres: () => {
      for (const at of [soon(), soon(40_000)]) events.push({ do: 'postgres', at });
    },
    config: () =>
      events.push({
        do: 'config',
        at: soon(),
        variant: oneOf(Object.keys(VARIANTS).slice(1)),
        ms: oneOf([10_000, 60_000]),
      }),
    cancel: () => events.push({ do: 'cancel', at: soon(), of: oneOf(['a', 'b']) }),
    approve: () => {
      events.push({ do: 'submit', at: soon(3000), name: 'c', targets: SENSITIVE });
      events.push({ do: 'approve', at: soon(), of: 'c' });
      if (random() < 0.4) events.push({ do: 'cancel', at: soon(20_000), of: 'c' });
    },
    retry: () => {
      events.push({ do: 'submit', at: 0, name: 'd', targets: TARGETS });
      events.push(
        { do: 'harm', at: soon(5000), of: 'd', removes: random() < 0.3 },
        { do: 'retry', at: 0, of: 'd', times: 3 },
      );
    },
    import: () => events.push({ do: 'import', at: soon(), of: oneOf(['a', 'b']) }),
    stop: () => events.push({ do: 'stop', at: soon(), who: oneOf(['w1', 'w2', 'api']), ms: oneOf(STOPS) }),
    'kill api': () => events.push({ do: 'kill', at: soon(4000), who: 'api', ms: oneOf([0, 20_000]) }),
    loading: () => events.push({ do: 'loading', at: soon(), which: oneOf(SCANNERS), ms: 20_000 }),
    'kill scanners': () => events.push({ do: 'kill', at: soon(), who: 'scanners', ms: oneOf([0, 60_000]) }),
    'freeze scanners': () => events.push({ do: 'stop', at: soon(), who: 'scanners', ms: oneOf(STOPS) }),
    'kill workers': () => {
      for (const who of ['w1', 'w2']) events.push({ do: 'kill', at: soon(), who, ms: oneOf([0, 15_000]) });
    },
  };

  const canceling = /http\.(?:stop|delete)/.test(aimedAt ?? '');
  const isAlone = own.includes('point');
  const apiTurn = round % 3 === 0 && !isAlone;
  if (aimedAt?.startsWith('api ')) addPoint('api', aimedAt.slice(4));
  // whichever of them takes the task
  else if (aimedAt) for (const who of ['w1', 'w2']) addPoint(who, aimedAt, { count: 1 });
  else addPoint('w1', workerPoints[(round * 37) % workerPoints.length]);
  if (apiTurn && !aimedAt) addPoint('api', apiPoints[(round / 3) % apiPoints.length], { ms: STOPS[0] });
  if (aimedAt?.startsWith('redis.')) events.push({ do: 'lose', at: 0, point: aimedAt, count: 1 });
  if (!aimedAt && !isAlone && random() < 0.5)
    addPoint('w2', workerPoints[(round * 37 + 19) % workerPoints.length]);
  for (const one of own) add[one]();
  if (habits) add.habit();
  if (!isAlone) {
    if (random() < 0.3) add.cancel();
    if (random() < 0.3) events.push({ do: 'cancel', after: true, at: soon(), of: oneOf(['a', 'b']) });
    if (random() < 0.3) add[oneOf(kinds)]();
  }
  if (canceling) events.push({ do: 'cancel', at: soon(6000), of: 'a', running: true });
  return {
    seed,
    round,
    store,
    kind, // a scan that is to be stopped has to run for a while
    speed: canceling ? 2 : oneOf([4, 8, 20]),
    events,
  };
}
