// Runs a command of the project on a machine that has Node and npm only: installs what is missing, builds, then runs it.
// Usage: node scripts/run.mjs COMMAND [ARGUMENTS]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules/.installed');
const bin = join(root, 'node_modules/.bin');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

const commands = {
  demo: (args) => node('apps/standalone/bin/main.js', ['demo', ...args]),
  nmcp: (args) => node('apps/standalone/bin/main.js', args),
  test: (args) => {
    haveRedis();
    haveChromium();
    if (spawnSync('tmux', ['-V']).status !== 0)
      aptInstall('tmux', 'for the tests of what is drawn on a terminal');
    havePerlClient();
    havePostgres();
    haveS3();
    return run(join(bin, 'vitest'), ['run', ...args]);
  },
  build: () => turbo('build'),
  check: () => turbo('check'),
  lint: (args) =>
    args.includes('--fix')
      ? run(join(bin, 'biome'), ['check', '--write', '.'])
      : run(join(bin, 'biome'), ['ci', '.']),
  formats: (args) => node('tests/formats/src/main.mjs', args),
  bench: (args) => node('tests/bench/src/main.mjs', args),
  chaos: (args) => {
    haveRedis();
    return node('tests/chaos/src/main.mjs', args);
  },
  cluster: (args) => {
    haveRedis();
    havePostgres();
    haveS3();
    return node('tests/chaos/src/cluster/main.mjs', args);
  },
  attack: (args) => {
    haveRedis();
    return node('tests/attack/src/main.mjs', args);
  },
  replicas: (args) => {
    haveRedis();
    return node('tests/chaos/src/replicas/main.mjs', args);
  },
  soak: (args) => {
    haveRedis();
    return node('tests/attack/src/soak.mjs', args);
  },
  eval: (args) => node('tests/eval/src/main.mjs', args),
  fuzz: (args) => node('tests/fuzz/dist/main.js', args),
  runtimes: (args) => node('tests/runtimes/src/main.mjs', args),
  directions: (args) => node('tests/directions/src/main.mjs', args),
  'publish-check': (args) => node('tests/publish/src/main.mjs', args),
  'client-surface': (args) => node('tests/publish/src/client_surface.mjs', args),
  'supply-chain': (args) => node('tests/publish/src/supply_chain.mjs', args),
  deployed: (args) => {
    haveRedis();
    haveGo();
    return node('tests/publish/src/deployed.mjs', args);
  },
  images: (args) => {
    if (spawnSync('buildah', ['--version']).status !== 0)
      aptInstall(['buildah', 'mmdebstrap'], 'which builds the images');
    return node('tests/publish/src/images.mjs', args);
  },
  mcpb: (args) => node('tests/publish/src/mcpb.mjs', args),
  contract: (args) => node('tests/contract/src/main.mjs', args),
  replay: (args) => node('tests/contract/src/replay.mjs', args),
  conformance: (args) => node('tests/conformance/run.mjs', args),
  clients: (args) => node('tests/clients/real/main.mjs', args),
};

const [command = '', ...args] = process.argv.slice(2);
if (!Object.hasOwn(commands, command)) {
  console.error(
    `Unknown command ${JSON.stringify(command)}; expected one of ${Object.keys(commands).join(', ')}`,
  );
  process.exit(2);
}
requireNode();
install();
if (command !== 'lint') build();
process.exit(commands[command](args));

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Node ${process.versions.node} is too old; the project needs ${manifest.engines.node}`);
  process.exit(2);
}

/** Installs with the frozen lock file, unless this very lock file was installed before. */
function install() {
  const wanted = hashOf(['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', ...workspaceManifests()]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say(`Installing dependencies with ${manifest.packageManager} (frozen lock file)`);
  mustRun('npx', [
    '--yes',
    manifest.packageManager,
    'install',
    '--frozen-lockfile',
    '--reporter=append-only',
    '--loglevel=warn',
  ]);
  writeFileSync(stamp, wanted);
}

function build() {
  say('Building');
  mustRun(join(bin, 'tsc'), ['-b']);
  mustRun(process.execPath, [join(root, 'scripts/bundle.mjs')]);
}

/** Redis for the tests: REDIS_URL, else a server on the PATH, else, as root on Debian, Debian's. */
function haveRedis() {
  const isThere = ['redis-server', 'valkey-server'].some(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (process.env.REDIS_URL || isThere) return;
  aptInstall('redis-server', 'for the tests that need Redis');
}

/** Chromium for the tests of the dashboard, in the same way. */
function haveChromium() {
  const isThere = ['chromium', 'chromium-browser', 'google-chrome'].some(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
  if (process.env.CHROMIUM || isThere) return;
  aptInstall('chromium', 'for the tests of the dashboard');
}

/** Debian's Perl client of Nessus, which the tests run against the simulator. */
function havePerlClient() {
  if (spawnSync('perl', ['-MNet::Nessus::REST', '-e', '1']).status !== 0)
    aptInstall('libnet-nessus-rest-perl', "for the tests with Debian's Perl client");
}

/** As root on Debian; should it fail, the tests say loudly what they skip. */
function havePostgres() {
  if (!existsSync('/usr/lib/postgresql'))
    aptInstall('postgresql', 'for the tests of the inventory on PostgreSQL');
}

/** Debian's S3 server, which is OpenStack Swift. */
function haveS3() {
  if (!existsSync('/usr/bin/swift-proxy-server'))
    aptInstall(
      ['swift-proxy', 'swift-account', 'swift-container', 'swift-object', 'memcached', 'python3-swift'],
      'for the tests of results in a bucket',
    );
}

/** Go with sprig, which Helm's engine is made of. */
function haveGo() {
  if (!existsSync('/usr/share/gocode/src/github.com/Masterminds/sprig'))
    aptInstall(['golang-go', 'golang-github-masterminds-sprig-dev'], 'which renders the Helm chart');
}

function aptInstall(names, why) {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  const wanted = [names].flat();
  say(`Installing ${wanted[0]} with apt-get, ${why}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
  spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], {
    stdio: 'ignore',
    env,
  });
}

/** Turbo finds pnpm only when it runs under it. */
function turbo(task) {
  return run(join(bin, 'pnpm'), ['exec', 'turbo', 'run', task, '--output-logs=errors-only']);
}

function node(file, rest) {
  return run(process.execPath, [join(root, file), ...rest]);
}

function run(file, rest) {
  const { status, error } = spawnSync(file, rest, {
    stdio: 'inherit',
    cwd: command === 'nmcp' ? process.env.INIT_CWD : root,
  });
  if (error) console.error(error.message);
  return status ?? 1;
}

function mustRun(file, rest) {
  const { status, error } = spawnSync(file, rest, { stdio: ['ignore', 2, 2], cwd: root });
  if (status === 0) return;
  console.error(error?.message ?? `${file} ${rest.join(' ')} ended with ${status}`);
  process.exit(status ?? 1);
}

function workspaceManifests() {
  return ['packages', 'apps', 'tests'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .map((name) => `${folder}/${name}/package.json`)
      .filter((path) => existsSync(join(root, path))),
  );
}

function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(path).update(readFileSync(join(root, path)));
  return hash.digest('hex');
}

/** Standard output belongs to the command. */
function say(text) {
  console.error(`[nessus-mcp] ${text}`);
}
