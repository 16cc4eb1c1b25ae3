// npm run cluster -- [--rounds N] [--seed S] [--from REF] [--json]
// Three APIs behind a proxy without affinity, four workers, PostgreSQL, Redis with two replicas under three Sentinels, an S3 server,
// two simulated scanners: real processes on loopback, none of which shares a folder with another. In each round people submit and
// cancel scans while one thing goes wrong; at the end the oracle of chaos judges all of it.
// --from has all processes begin in the version of a tag or a commit; in each round one of them is replaced, until all are of this
// version, then one after the other goes back, and forward again.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atMost, inTempFolder, reportRows, seededRandom } from '@nmcp/test-support';
import { judge, RULES } from '../oracle.mjs';
import { createPeople } from '../people.mjs';
import { createTimeline } from '../timeline.mjs';
import { buildVersion } from './build_version.mjs';
import { collectFacts } from './collect_facts.mjs';
import { DISTURBANCES } from './disturbances.mjs';
import { openCluster } from './open_cluster.mjs';
import { replacements } from './replacements.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const TARGETS = '192.0.2.0/28';
/** Milliseconds in which everything that was asked for in a round has to end. */
const STUCK_MS = 180_000;
/** And in which the housekeeping has removed its scans. */
const KEPT_HOUSE_MS = 60_000;
const say = (text) => console.error(`[cluster] ${text}`);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

await inTempFolder(async (folder) => {
  const timeline = createTimeline();
  const before = values.from && buildVersion(values.from, join(folder, 'before'), say);
  const cluster = await openCluster(folder, (message) => timeline.hear(message), { root: before });
  const disturbances = before ? replacements(before) : DISTURBANCES;
  const rounds = Number(values.rounds ?? (before ? Object.keys(disturbances).length : 30));
  process.on('exit', () => cluster.killAll());
  try {
    let isOver = false;
    const people = createPeople(cluster, () => isOver);
    for (let round = 0; round < rounds; round++) {
      const random = seededRandom(Number(values.seed) * 100_003 + round * 7919);
      const oneOf = (items) => items[Math.floor(random() * items.length)];
      const soon = () => sleep(random() * 4000);
      const names = Object.keys(disturbances);
      const name = names[round % names.length];
      const begun = Date.now();
      const [a, b] = [`${round}a`, `${round}b`];
      await Promise.all([
        people.doings.submit({ name: a, targets: TARGETS }),
        people.doings.submit({ name: b, targets: TARGETS, key: `key-${values.seed}-${round}`, times: 2 }),
        soon().then(() => disturbances[name](cluster, { random, oneOf })),
        random() < 0.3 && soon().then(() => people.doings.cancel({ of: oneOf([a, b]) })),
      ]);
      await untilQuiet(cluster.place.tasks, begun + STUCK_MS);
      say(`${round + 1}: ${name}; ${Math.round((Date.now() - begun) / 1000)} s`);
    }
    isOver = true;
    const left = await untilHouseIsKept(cluster);
    await cluster.stopApps();
    const facts = await collectFacts(cluster, timeline);
    const { violations, totals } = await judge({
      ...facts,
      left,
      said: people.said,
      timeline,
      world: cluster,
    });
    for (const { rule, text } of violations) say(`VIOLATION, ${RULES[rule]}: ${text}`);
    console.error(
      `\n  seed ${values.seed}, ${rounds} rounds: ${totals.accepted} tasks, ${totals.completed} completed, ${totals.canceled} canceled, ${totals.failed} failed with a reason; ${totals.secondScans} scans were made twice`,
    );
    const { takeover: _, ...rules } = RULES;
    reportRows(
      'cluster',
      Object.entries(rules).map(([rule, text]) =>
        atMost(text, 'times', violations.filter((one) => one.rule === rule).length, 0),
      ),
      { json: values.json },
    );
  } finally {
    await cluster.end();
  }
});

/** Waits until every task is final; those that are not by then are stuck, and the oracle says so. */
async function untilQuiet(tasks, end) {
  while (Date.now() < end) {
    const open = await tasks
      .list()
      .then((all) => all.filter(({ status }) => status === 'queued' || status === 'running'))
      .catch(() => [undefined]); // the database is away just now
    if (open.length === 0) return;
    await sleep(200);
  }
}

async function untilHouseIsKept(cluster) {
  const end = Date.now() + KEPT_HOUSE_MS;
  while (true) {
    const ours = (await cluster.scans()).filter(({ description }) => description.includes('[nmcp:'));
    if (ours.length === 0 || Date.now() > end) return ours;
    await sleep(500);
  }
}
