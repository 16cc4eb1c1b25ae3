// Measurements: npm run bench -- NAME [--json]. Each row has a figure, a named peer measured in the same run, and its bar.

import { reportRows } from '@nmcp/test-support';
import { bucket } from './bucket.mjs';
import { client } from './client.mjs';
import { dashboard } from './dashboard.mjs';
import { housekeeping } from './housekeeping.mjs';
import { inventory } from './inventory.mjs';
import { queue } from './queue.mjs';
import { results } from './results.mjs';
import { scale } from './scale.mjs';
import { schema } from './schema.mjs';
import { sessions } from './sessions.mjs';
import { start } from './start.mjs';
import { surface } from './surface.mjs';
import { takeover } from './takeover.mjs';
import { tokens } from './tokens.mjs';
import { trust } from './trust.mjs';
import { workers } from './workers.mjs';

const BENCHES = {
  start,
  schema,
  results,
  queue,
  client,
  trust,
  housekeeping,
  surface,
  tokens,
  dashboard,
  takeover,
  sessions,
  inventory,
  bucket,
  scale,
  workers,
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const names = args.filter((arg) => !arg.startsWith('--'));
const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  console.error(`Unknown benchmark ${unknown}; expected one of ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  const rows = await BENCHES[name]((text) => console.error(`[bench ${name}] ${text}`));
  reportRows(name, rows, { json });
}
