// What npm would get: every package is packed, its contents are looked at, and all are installed and used in a folder of
// their own: npm run publish-check
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { pnpm, root } from './checkout.mjs';
import { tellProblems } from './tell_problems.mjs';

const temp = await tempFolder();
const folder = temp.path;
const problems = [];

const packages = ['packages', 'apps']
  .flatMap((kind) => readdirSync(join(root, kind)).map((name) => join(root, kind, name)))
  .filter((path) => manifestOf(path).private !== true);
const tarballs = new Map(packages.map((path) => [manifestOf(path).name, pack(path)]));
for (const path of packages) check(path, manifestOf(path));
if (problems.length === 0) useThem();
await temp[Symbol.asyncDispose]();
tellProblems(
  problems,
  `${packages.length} packages packed, installed and used: ${problems.length === 0 ? 'all good' : `${problems.length} problems`}`,
);

function manifestOf(path) {
  return JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
}

function pack(path) {
  const out = join(folder, path.split('/').at(-1));
  mkdirSync(out);
  execFileSync(pnpm, ['pack', '--pack-destination', out], { cwd: path, stdio: 'ignore' });
  const [file] = readdirSync(out);
  return join(out, file);
}

function check(path, { name, version, exports, bin = {}, types, sideEffects, license, description }) {
  const files = execFileSync('tar', ['-tzf', tarballs.get(name)], { encoding: 'utf8' })
    .split('\n')
    .map((file) => file.replace(/^package\//, ''));
  const packed = JSON.parse(
    execFileSync('tar', ['-xzOf', tarballs.get(name), 'package/package.json'], { encoding: 'utf8' }),
  );
  const need = (isGood, what) => {
    if (!isGood) problems.push(`${name}: ${what}`);
  };
  for (const file of ['README.md', 'LICENSE', 'package.json']) need(files.includes(file), `has no ${file}`);
  const targets = [
    ...Object.values(exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    ),
    ...Object.values(bin),
    types,
  ];
  for (const target of targets)
    need(files.includes(target.replace(/^\.\//, '')), `has no ${target}, which its package.json names`);
  need(!files.some((file) => /_test\.|tsbuildinfo|_test_/.test(file)), 'has files of tests');
  need(
    version === '0.1.0' && license === 'MIT' && sideEffects === false && description,
    'lacks version, licence, sideEffects or description',
  );
  const jsr = JSON.parse(readFileSync(join(path, 'jsr.json'), 'utf8'));
  need(jsr.name === name && jsr.version === version, 'jsr.json says something else');
  for (const file of [jsr.exports].flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  ))
    need(existsSync(join(path, file)), `jsr.json names ${file}`);
  for (const [dependency, range] of Object.entries(packed.dependencies ?? {})) {
    need(
      !/^(?:workspace|catalog|link|file):/.test(range),
      `depends on ${dependency} ${range}, which npm does not know`,
    );
    if (dependency.startsWith('@nmcp/'))
      need(tarballs.has(dependency), `depends on ${dependency}, which is not published`);
  }
}

/** npm resolves the packages to the tarballs and the rest from its registry, as a user's would. */
function useThem() {
  const home = join(folder, 'use');
  mkdirSync(home);
  const local = Object.fromEntries([...tarballs].map(([name, file]) => [name, `file:${file}`]));
  writeFileSync(
    join(home, 'package.json'),
    JSON.stringify({ name: 'user', private: true, type: 'module', dependencies: local, overrides: local }),
  );
  const installed = spawnSync(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'],
    { cwd: home, encoding: 'utf8' },
  );
  if (installed.status !== 0) return problems.push(`npm install: ${installed.stderr}`);
  writeFileSync(
    join(home, 'scan.nessus'),
    '<NessusClientData_v2><Report name="r"><ReportHost name="h"><ReportItem port="1" pluginID="7" severity="2" pluginName="P"/></ReportHost></Report></NessusClientData_v2>',
  );
  const expectOutput = (pattern, command, ...args) => {
    const { stdout, stderr, status } = spawnSync(join(home, 'node_modules/.bin', command), args, {
      cwd: home,
      encoding: 'utf8',
      timeout: 60_000,
    });
    if (status !== 0 || !pattern.test(stdout))
      problems.push(`${command} ${args.join(' ')}: ${status} ${stdout} ${stderr}`);
  };
  expectOutput(/"plugin_id":"7"/, 'nmcp', 'convert', 'scan.nessus');
  expectOutput(/"status":"completed"/, 'nmcp', 'demo', '--json');
  const data = join(home, 'data');
  // in a worker thread, which has to be found where the packages are installed
  expectOutput(/"hosts_scanned":1/, 'nmcp', 'import', 'scan.nessus', '--data-dir', data);
  expectOutput(/^nmcp_/, 'nmcp-admin', 'token', 'create', 'alice', '--data-dir', data);
  for (const name of tarballs.keys()) {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', `await import(${JSON.stringify(name)})`],
      { cwd: home, encoding: 'utf8' },
    );
    if (status !== 0) problems.push(`import ${name}: ${stderr.slice(0, 500)}`);
  }
}
