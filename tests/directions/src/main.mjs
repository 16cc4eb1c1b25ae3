// Which package imports which, circles of files, and the length of files: npm run directions [-- --json]
// Ends with 1 if a rule is broken. --root names another checkout than this one.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { reportRows } from '@nmcp/test-support';
import { checkDirections } from './check_directions.mjs';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, root: { type: 'string' } },
});
const root = options.root ?? fileURLToPath(new URL('../../..', import.meta.url));
const { sentences, rows } = await checkDirections(root);
for (const sentence of sentences) console.log(`FAILED  ${sentence}`);
reportRows('directions', rows, options);
