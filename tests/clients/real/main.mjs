// The MCP clients that people use against the server, over HTTP and stdio: npm run clients [-- --only NAME] [-- --update]
// Writes the table in docs/clients.md with --update; else it has to be as the run says.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tempFolder } from '@nmcp/test-support';
import { CLIENTS } from './clients.mjs';
import { install, versionOf } from './engines.mjs';
import { playSteps, STEPS } from './steps.mjs';
import { GUIDE, tableIn, tableOf, withTable } from './table.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const app = here('../../../apps/standalone/bin/main.js');
const { values: options } = parseArgs({
  options: { only: { type: 'string' }, update: { type: 'boolean', default: false } },
});
// two of them look for a proxy or send telemetry
Object.assign(process.env, { OPENAI_AGENTS_DISABLE_TRACING: '1', MASTRA_TELEMETRY_DISABLED: '1' });
install();
const folder = await tempFolder();
const server = await serve();
const rows = [];
let failures = 0;
try {
  for (const { name, mode, connect, ways } of CLIENTS) {
    if (options.only && !`${name} ${mode ?? ''}`.includes(options.only)) continue;
    for (const way of ways) {
      const target = way === 'HTTP' ? { url: `${server.url}/mcp` } : { command: stdio(rows.length) };
      const { done, problem } = await playSteps(() => connect(target), mode === 'strict');
      rows.push({ name, mode, version: versionOf(name), way, done });
      if (problem !== undefined) failures++;
      console.error(`[clients] ${name} ${mode ?? ''} over ${way}: ${problem ?? `all ${done.length} steps`}`);
    }
  }
} finally {
  server.child.kill();
  await folder[Symbol.asyncDispose]();
}
const table = tableOf(rows);
if (options.update) writeFileSync(GUIDE, withTable(readFileSync(GUIDE, 'utf8'), table));
else if (!options.only && tableIn(readFileSync(GUIDE, 'utf8')) !== table) {
  failures++;
  console.error('[clients] docs/clients.md has another table; npm run clients -- --update writes it');
}
console.log(`${rows.length} ways to connect, ${STEPS.length} steps each, ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);

/** Each server on standard input has a folder of its own. */
function stdio(number) {
  const env = { PATH: process.env.PATH, LOG_LEVEL: 'fatal', DATA_DIR: `${folder.path}/stdio-${number}` };
  return { command: process.execPath, args: [app, 'stdio', '--simulate'], env };
}

async function serve() {
  const env = { PATH: process.env.PATH, DATA_DIR: `${folder.path}/http` };
  const child = spawn(process.execPath, [app, 'serve', '--simulate', '--port', '0'], { env });
  child.stdout.resume();
  for await (const line of createInterface({ input: child.stderr })) {
    const [, url] = /listens at (http:\S+)\/mcp/.exec(line) ?? [];
    if (url) {
      child.stderr.resume();
      return { child, url };
    }
  }
  throw new Error('The server ended');
}
