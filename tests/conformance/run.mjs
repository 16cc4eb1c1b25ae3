// Runs the scenarios of the public conformance suite that need no fixtures against `nmcp serve`.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCENARIOS = [
  'server-initialize',
  'ping',
  'logging-set-level',
  'tools-list',
  'resources-list',
  'prompts-list',
  'dns-rebinding-protection',
  'server-sse-multiple-streams',
];

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const server = spawn(
  process.execPath,
  [here('../../apps/standalone/dist/main.js'), 'serve', '--simulate', '--port', '0'],
  {
    stdio: ['ignore', 'ignore', 'pipe'],
  },
);
let failed = 0;
try {
  const url = await listening(server);
  for (const scenario of SCENARIOS) {
    const suite = here('node_modules/.bin/conformance');
    const { status, stdout, stderr } = spawnSync(suite, ['server', '--url', url, '--scenario', scenario], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (status !== 0) {
      failed++;
      console.log(stdout, stderr);
    }
    console.log(`${status === 0 ? 'passed' : 'FAILED'}  ${scenario}`);
  }
} finally {
  server.kill('SIGTERM');
}
console.log(`conformance 0.1.13: ${SCENARIOS.length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

async function listening(child) {
  for await (const line of createInterface({ input: child.stderr })) {
    const found = /listens at (http:\S+)/.exec(line);
    if (found) return found[1].replace('127.0.0.1', 'localhost');
  }
  throw new Error('nmcp serve did not start');
}
