// npm run chaos -- [--rounds N] [--seed S] [--store redis|embedded|postgres|both] [--lanes N] [--events FILE] [--habits] [--json]
// --store postgres has tasks in PostgreSQL and the queue on Redis.
// --habits lets the scanners of every round do what real ones do.
// Each round is a small installation of the real apps on loopback: people use it while processes are killed and stopped at
// named points, clocks jump, disks fill up, and Redis and the scanners fail. Then an oracle reads what is left.
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { atMost, reportRows, startPostgres } from '@nmcp/test-support';
import { createHitTable } from './hit_table.mjs';
import { RULES } from './oracle.mjs';
import { planRound } from './plan_round.mjs';
import { playRound } from './play_round.mjs';
import { pointsOf } from './points.mjs';
import { FACTOR, PRODUCTION } from './settings.mjs';
import { shrink } from './shrink.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    store: { type: 'string', default: 'redis' },
    lanes: { type: 'string', default: '3' },
    events: { type: 'string' },
    habits: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const lanes = Number(values.lanes);
const stores = values.store === 'both' ? ['redis', 'embedded'] : [values.store];
/** Times that each point shall be hit in a long run. */
const MIN_HITS = 5;
/** From so many rounds on, points that chance has left out are aimed at. */
const LONG_RUN = 300;
/** Of the rounds, so many may be added for that. */
const EXTRA = 0.75;
/** Rounds that count as a hit when none of them hit what it was aimed at. */
const TRIES = 4;
/** Failing rounds that are made smaller. */
const MOST_SHRUNK = 3;
/** Times that a late takeover is looked at again. */
const LATE_AGAIN = 2;
const say = (text) => console.error(`[chaos] ${text}`);

const postgres = stores.includes('postgres') || values.events ? await startPostgres() : undefined;
const worlds = new Set();
process.on('exit', () => {
  for (const world of worlds) world.killAll();
  postgres?.stop();
});

const points = [...new Set(stores.flatMap(pointsOf))];
const hits = createHitTable(points);
const counts = new Map();
const totals = { accepted: 0, completed: 0, failed: 0, canceled: 0, secondScans: 0 };
const failures = [];
let worstTakeover = 0;
let takeovers = 0;
let played = 0;

// whoever ends it early is told of what was played
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, report);

say(
  `production's settings, on clocks that run ${FACTOR} times as fast: a lease of ${PRODUCTION.leaseMs / 1000} s takes ${PRODUCTION.leaseMs / FACTOR} ms; ${lanes} rounds at a time`,
);
if (values.events === undefined) {
  const plans = stores.flatMap((store) =>
    Array.from({ length: rounds }, (_, round) =>
      planRound({ seed, round, rounds, store, habits: values.habits }),
    ),
  );
  await inLanes(plans[Symbol.iterator]());
  if (rounds >= LONG_RUN) await inLanes(aimedPlans());
} else
  await play(JSON.parse(values.events.startsWith('{') ? values.events : readFileSync(values.events, 'utf8')));
hits.print();
for (const failure of failures.slice(0, MOST_SHRUNK)) await printSmallest(failure);
report();

/** Plays what a generator gives, several at a time. */
async function inLanes(plans) {
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let next = plans.next(); !next.done; next = plans.next()) await play(next.value);
    }),
  );
}

/** Rounds for points that were hit too seldom, the rarest first. */
function* aimedPlans() {
  const tried = new Map();
  for (let extra = 0; extra < rounds * EXTRA; extra++) {
    const missing = points.filter((point) => hits.times(point) + (tried.get(point) ?? 0) / TRIES < MIN_HITS);
    const [aimedAt] = missing.sort((a, b) => (tried.get(a) ?? 0) - (tried.get(b) ?? 0));
    if (aimedAt === undefined) return;
    tried.set(aimedAt, (tried.get(aimedAt) ?? 0) + 1);
    yield planRound({ seed, round: rounds + extra, store: stores[0], aimedAt });
  }
}

async function play(plan) {
  const begun = Date.now();
  const result = await playUntilInTime(plan);
  const { violations, kept } = result;
  hits.add(result.hits);
  for (const name of Object.keys(totals)) totals[name] += result.totals[name];
  takeovers += result.takeovers.length;
  worstTakeover = Math.max(worstTakeover, ...result.takeovers);
  played++;
  const points = result.hits.map(({ hit, how }) => `${hit} ${how}`);
  say(
    `${played}: ${plan.store} round ${plan.round}, ${plan.kind}; ${[...new Set(points)].join(', ') || 'no point'}; ${Math.round((Date.now() - begun) / 1000)} s`,
  );
  for (const { rule, text } of violations) {
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
    say(`  VIOLATION, ${RULES[rule]}: ${text}`);
  }
  if (violations.length === 0) return;
  say(`  its files are in ${kept}`);
  failures.push({ plan, rules: new Set(violations.map(({ rule }) => rule)) });
}

/**
 * A busy machine, on clocks that run faster, makes a takeover late now and then; a fault of ours does so each time. So a round
 * that breaks no other rule is played again.
 */
async function playUntilInTime(plan) {
  for (let again = 0; ; again++) {
    const result = await playRound(plan, { worlds, postgres, keep: true });
    const isOnlyLate =
      result.violations.length > 0 && result.violations.every(({ rule }) => rule === 'takeover');
    if (!isOnlyLate || again === LATE_AGAIN) return result;
    say(`round ${plan.round}: ${result.violations[0].text}; it is played again`);
    await rm(result.kept, { recursive: true, force: true });
  }
}

/** Looks for a smaller round that breaks the same rule. */
async function printSmallest({ plan, rules }) {
  const breaks = async (smaller) =>
    (await playRound(smaller, { worlds, postgres })).violations.some(({ rule }) => rules.has(rule));
  say(
    `round ${plan.round} broke ${[...rules].join(', ')}; it is played again, with fewer events if it does so again`,
  );
  const isSteady = await breaks(plan);
  if (!isSteady) say('it did not: it takes chance, too, so here are all of its events');
  const smallest = isSteady ? await shrink(plan, breaks) : plan;
  say(`run it with: npm run chaos -- --events '${JSON.stringify(smallest)}'`);
}

function report() {
  console.error(
    `\n  seed ${seed}, ${played} rounds: ${totals.accepted} tasks, ${totals.completed} completed, ${totals.canceled} canceled, ${totals.failed} failed with a reason; ${totals.secondScans} scans were made twice; ${takeovers} takeovers measured`,
  );
  const rare = points.filter((point) => hits.times(point) < MIN_HITS);
  const limit = (PRODUCTION.leaseMs + PRODUCTION.claimMs) / 1000;
  reportRows(
    'chaos',
    [
      ...Object.entries(RULES).map(([rule, what]) => atMost(what, 'times', counts.get(rule) ?? 0, 0)),
      ...(takeovers > 0 ? [atMost('longest takeover', 's', worstTakeover / 1000, limit)] : []),
      // a short run cannot come by each point so often
      ...(rounds >= LONG_RUN
        ? [atMost(`points hit fewer than ${MIN_HITS} times`, 'points', rare.length, 0)]
        : []),
    ],
    values,
  );
  process.exit();
}
