// Measurements: npm run bench -- NAME [--json]. Each row has a figure, a named peer measured in the same run, and its bar.

import { client } from './client.mjs';
import { dashboard } from './dashboard.mjs';
import { housekeeping } from './housekeeping.mjs';
import { queue } from './queue.mjs';
import { results } from './results.mjs';
import { schema } from './schema.mjs';
import { start } from './start.mjs';
import { surface } from './surface.mjs';
import { tokens } from './tokens.mjs';
import { trust } from './trust.mjs';

const BENCHES = { start, schema, results, queue, client, trust, housekeeping, surface, tokens, dashboard };

const args = process.argv.slice(2);
const json = args.includes('--json');
const names = args.filter((arg) => !arg.startsWith('--'));
const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  console.error(`Unknown benchmark ${unknown}; expected one of ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

let holds = true;
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  const rows = await BENCHES[name]((text) => console.error(`[bench ${name}] ${text}`));
  holds &&= rows.every((row) => row.holds);
  print(rows);
  if (json) console.log(JSON.stringify({ name, rows }));
}
process.exitCode = holds ? 0 : 1;

function print(rows) {
  for (const { what, value, unit, peer, peer_value, ratio, bar, holds: isHeld } of rows) {
    const against = peer ? `; ${peer} ${round(peer_value)} ${unit}, ratio ${round(ratio)}` : '';
    console.error(
      `  ${isHeld ? 'holds ' : 'MISSED'}  ${what}: ${round(value)} ${unit}${against}; bar ${bar}`,
    );
  }
}

function round(number) {
  return Math.abs(number) >= 100 ? Math.round(number) : Number(number.toPrecision(3));
}
