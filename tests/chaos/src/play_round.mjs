// Plays the events of a round in a world of its own, waits until all is quiet, and asks the oracle.
import { rm } from 'node:fs/promises';
import { tempFolder } from '@nmcp/test-support';
import { createDisturbances } from './disturbances.mjs';
import { collectFacts } from './facts.mjs';
import { judge } from './oracle.mjs';
import { createPeople } from './people.mjs';
import { apiName } from './points.mjs';
import { FACTOR, PRODUCTION, SCANNERS } from './settings.mjs';
import { createTimeline } from './timeline.mjs';
import { createWorld } from './world.mjs';

/** All of these are production's milliseconds. */
const STUCK_MS = 1_200_000;
/** A worker that was killed comes back so much later: another one has taken over by then. */
const DOWN_MS = 80_000;
/** The second worker comes when the first one is at its point, or after this time. */
const ALONE_MS = 10_000;
const KEPT_HOUSE_MS = 150_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms / FACTOR));

/** What leaves leases and their holders alone: only then a takeover has to be in time. */
const HARMLESS = new Set(['submit', 'cancel', 'approve', 'point', 'import']);

/**
 * @param worlds set of all worlds that run, so that whoever ends the process can end these
 * @param postgres a server, for rounds with tasks in a database
 * @param keep whether its folder, with the logs, is to be kept when a rule was broken
 * @returns `{violations, hits, takeovers, totals, kept}`
 */
export async function playRound(plan, { worlds = new Set(), postgres, keep = false } = {}) {
  const folder = await tempFolder();
  const timeline = createTimeline();
  let pointHit = () => {};
  const firstHit = new Promise((resolve) => {
    pointHit = resolve;
  });

  const world = await createWorld({
    folder: folder.path,
    store: plan.store,
    postgres,
    speed: plan.speed,
    hear(name, message) {
      timeline.hear(message.hit && name === 'api' ? { ...message, hit: apiName(message.hit) } : message);
      if (message.hit) onHit(name, message);
    },
  });
  worlds.add(world);
  const { tasks } = world.place;
  const endsAt = Date.now() + STUCK_MS / FACTOR;
  let isCalm = false;
  const isOver = () => isCalm || Date.now() > endsAt;
  const people = createPeople(world, isOver);
  const disturbances = createDisturbances(world);
  const going = [];
  const afterwards = (promise) =>
    going.push(promise.catch((error) => console.error(`[chaos] ${error.stack}`)));

  /** What was armed has happened: whoever stopped itself is waked, whoever is dead comes back. */
  function onHit(name, message) {
    const { how } = message;
    const { ms = 0 } = plan.events.find((event) => event.do === 'point' && event.who === name) ?? {};
    if (how === 'kill') {
      world.markDown(name);
      afterwards(sleep(name === 'api' ? ms : DOWN_MS).then(() => world.up(name)));
    }
    if (how === 'stop') afterwards(sleep(ms).then(() => world.signal(name, 'SIGCONT')));
    if (how === 'kill' || how === 'stop') timeline.lose(message.pid, message.at);
    if (name === 'w1') pointHit();
  }

  const optionsOf = (who) => ({
    arms: plan.events.filter((event) => event.do === 'point' && event.who === who),
  });

  async function doEvent(event) {
    if (event.after) await Promise.race([firstHit, sleep(ALONE_MS)]);
    await sleep(event.at);
    if (event.do === 'lose') world.servers?.proxy.loseNext(event.point, event.count);
    else if (people.doings[event.do]) await people.doings[event.do](event);
    else {
      if (event.do === 'kill' || event.do === 'stop') timeline.lose(world.pidOf(event.who), Date.now());
      await disturbances[event.do](event);
    }
  }

  for (const event of plan.events.filter((one) => one.do === 'shift')) {
    world.jump(event.who, event.ms); // before it starts
    afterwards(sleep(event.for).then(() => world.jump(event.who, -event.ms)));
  }
  await world.servers?.begin();
  await Promise.all([
    world.up('scanners'),
    world.up('api', optionsOf('api')),
    world.up('w1', optionsOf('w1')),
  ]);
  afterwards(Promise.race([firstHit, sleep(ALONE_MS)]).then(() => world.up('w2', optionsOf('w2'))));
  for (const event of plan.events)
    if (event.do !== 'point' && event.do !== 'shift') afterwards(doEvent(event));

  while (going.length > 0 && Date.now() < endsAt + 30_000) await Promise.all(going.splice(0));
  await untilQuiet(tasks, isOver);
  isCalm = true;
  while (going.length > 0) await Promise.all(going.splice(0)); // a point that was hit in the meantime
  const left = await untilHouseIsKept(world);
  await Promise.all(['w1', 'w2', 'api'].map((name) => world.kill(name, 'SIGTERM')));
  await world.untilScannersAnswer();
  const facts = await collectFacts(world, timeline);
  await world.end();
  worlds.delete(world);
  const { violations, totals } = await judge({ ...facts, left, said: people.said, timeline, world });
  // with both workers away nobody can take over
  const isPure = plan.events.every(
    (event) => HARMLESS.has(event.do) && !(event.do === 'point' && event.who === 'w2'),
  );
  const takeovers = isPure ? timeline.takeovers.map(({ ms }) => ms * FACTOR) : [];
  for (const ms of takeovers)
    if (ms > PRODUCTION.leaseMs + PRODUCTION.claimMs)
      violations.push({
        rule: 'takeover',
        text: `it took ${(ms / 1000).toFixed(1)} s until another worker went on`,
      });
  const kept = keep && violations.length > 0;
  if (!kept) await rm(folder.path, { recursive: true, force: true });
  return { violations, hits: timeline.hits, takeovers, totals, kept: kept ? folder.path : undefined };
}

/** Waits until every task is final, or waits for a person. */
async function untilQuiet(tasks, isOver) {
  while (!isOver()) {
    const all = await tasks.list();
    const open = all.filter(
      ({ status, approval }) =>
        (status === 'queued' || status === 'running') && approval?.state !== 'pending',
    );
    if (open.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until the housekeeping has removed what was ours. @returns the scans that it has left */
async function untilHouseIsKept(world) {
  const end = Date.now() + KEPT_HOUSE_MS / FACTOR;
  while (true) {
    const lists = await Promise.all(
      SCANNERS.map((scanner) => world.inspect(scanner, 'GET', '/scans').catch(() => ({ scans: [] }))),
    );
    const ours = lists
      .flatMap(({ scans }) => scans)
      .filter(({ description }) => description.includes('[nmcp:'));
    if (ours.length === 0 || Date.now() > end) return ours;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
