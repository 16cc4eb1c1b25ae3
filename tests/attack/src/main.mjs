// npm run attack -- [--only TEXT] [--json]
// Attacks on real processes, one line each. It passes when every one of them was refused or contained.
import { parseArgs } from 'node:util';
import { atLeast, atMost, reportRows } from '@nmcp/test-support';
import { attacks as targets } from './attacks/forbidden_targets.mjs';
import { attacks as freeze } from './attacks/freeze_the_server.mjs';
import { attacks as outlive } from './attacks/outlive_the_token.mjs';
import { attacks as reach } from './attacks/reach_others.mjs';
import { attacks as secrets } from './attacks/read_secrets.mjs';
import { attacks as stop } from './attacks/stop_the_server.mjs';
import { attacks as more } from './attacks/take_more.mjs';
import { attacks as trick } from './attacks/trick_readers.mjs';
import { openWorld } from './world.mjs';

const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean' } } });
const all = { stop, freeze, reach, targets, secrets, trick, outlive, more };
/** Those who take more meet the limits of production. */
const worldOf = (kind) => (kind === 'more' ? { ...world, ...world.limited } : world);
const chosen = Object.entries(all).flatMap(([kind, attacks]) =>
  attacks
    .filter(({ name }) => values.only === undefined || `${kind}: ${name}`.includes(values.only))
    .map((attack) => ({ kind, ...attack })),
);

const world = await openWorld();
const through = [];
try {
  for (const { kind, name, run } of chosen) {
    const begun = performance.now();
    const problem = await outcomeOf(run, worldOf(kind));
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    console.error(`${problem === undefined ? 'contained' : 'THROUGH  '}  ${kind}: ${name} (${seconds} s)`);
    if (problem !== undefined) {
      console.error(`           ${problem}`);
      through.push(name);
    }
  }
} finally {
  await world.dispose();
}
const rows = [
  ...(values.only === undefined ? [atLeast('attacks', '', chosen.length, 120)] : []),
  atMost('attacks that got through', '', through.length, 0),
];
reportRows('attack', rows, { json: values.json });

/** Why an attack was not contained; after it the servers live, and answer. */
async function outcomeOf(run, w) {
  try {
    await run(w);
    for (const { child, errors } of world.apps)
      if (child.exitCode !== null || child.signalCode !== null)
        return `a process has ended: ${errors().slice(-500)}`;
    for (const url of world.urls)
      await (await fetch(`${url}/livez`, { signal: AbortSignal.timeout(5000) })).text();
    return undefined;
  } catch (error) {
    return String(error?.message ?? error).split('\n')[0];
  }
}
