// The steps of docker/Dockerfile without Docker: npm run deployed [-- --json]
// Each app is deployed to an empty folder and made read-only; as another user, api and worker take a scan through there, and
// nmcp-admin looks at it. What compose.yaml and the Kubernetes manifests name has to exist.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { startSimulator } from '@nmcp/simulator';
import { atMost, givenOrPrivateRedis, reportRows, tempFolder } from '@nmcp/test-support';
import { parse, parseAllDocuments } from 'yaml';
import { root } from './checkout.mjs';
import { checkChart } from './helm_chart.mjs';
import { tellProblems } from './tell_problems.mjs';

const BARS_MB = { 'mcp-api': 90, worker: 60 };
const NOBODY = 65_534;

const { values: options } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const temp = await tempFolder();
const folder = temp.path;
const problems = [];
const rows = [];
const processes = [];
let lines = 0;

try {
  chmodSync(folder, 0o755);
  for (const app of ['mcp-api', 'worker', 'admin-cli', 'standalone']) deploy(app);
  lines = await scanWithThem();
  checkManifests();
  problems.push(...(await checkChart(knownSettings())));
} finally {
  for (const child of processes) if (child.exitCode === null) child.kill('SIGKILL');
  execFileSync('chmod', ['-R', 'u+w', folder]);
  await temp[Symbol.asyncDispose]();
}
tellProblems(problems, `a scan went through the deployed apps, ${lines} lines of results`);
reportRows('deployed', rows, options);

function deploy(app) {
  const target = join(folder, app);
  mkdirSync(target);
  execFileSync(join(root, 'docker/deploy.sh'), [app, target], { stdio: ['ignore', 'ignore', 'inherit'] });
  const bytes = 1024 * Number(execFileSync('du', ['-sk', target], { encoding: 'utf8' }).split('\t')[0]);
  const value = Math.round(bytes / 1e5) / 10;
  if (BARS_MB[app]) rows.push(atMost(`deployed folder of ${app}`, 'MB', value, BARS_MB[app]));
  execFileSync('chmod', ['-R', 'a-w,a+rX', target]);
}

/** As the container has it: a user that may write nowhere but in the data directory. */
function start(app, args, environment) {
  const isRoot = process.getuid?.() === 0;
  const child = spawn(process.execPath, [join(folder, app, 'bin/main.js'), ...args], {
    cwd: join(folder, app),
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  processes.push(child);
  const state = { child, out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    state.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    state.err += chunk;
  });
  return state;
}

async function says(state, pattern) {
  while (true) {
    const found = pattern.exec(state.err);
    if (found) return found;
    if (state.child.exitCode !== null) throw new Error(`it ended with ${state.child.exitCode}: ${state.err}`);
    await Promise.race([once(state.child.stderr, 'data'), once(state.child, 'exit')]);
  }
}

/** Lines of the results of a scan that went through the deployed apps. */
async function scanWithThem() {
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (process.getuid?.() === 0) chownSync(data, NOBODY, NOBODY);
  const redis = await givenOrPrivateRedis().catch((error) => {
    if (process.env.CI === 'true') throw error;
    console.log(`SKIPPED: the queue is the embedded one: ${error.message}`);
    return undefined;
  });
  const simulator = await startSimulator({ tls: false, speed: 300 });
  const environment = {
    ...(redis ? { REDIS_URL: redis.url } : {}),
    DATA_DIR: join(data, 'tasks'),
    SCANNER_CONFIG: join(folder, 'scanners.yaml'),
    NESSUS_URL: simulator.url,
    NESSUS_USERNAME: simulator.username,
    NESSUS_PASSWORD: simulator.password,
    PORT: '0',
    WORKER_PORT: '0',
    POLL_SECONDS: '0.2',
  };
  writeFileSync(environment.SCANNER_CONFIG, readFileSync(join(root, 'config/scanners.yaml')));
  try {
    const token = (
      await ended(start('admin-cli', ['token', 'create', 'ci', '--scopes', 'scan'], environment))
    ).trim();
    const api = start('mcp-api', [], { ...environment, HOST: '0.0.0.0' });
    const worker = start('worker', [], environment);
    const [, port] = await says(api, /"url":"http:\/\/localhost:(\d+)"/);
    const [, status] = await says(worker, /"status":"(http[^"]+)"/);
    await healthy(`http://127.0.0.1:${port}`, 'mcp-api', { PORT: port });
    await healthy(status, 'worker', { WORKER_PORT: new URL(status).port });
    const client = new Client({ name: 'deployed', version: '0' });
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`), { requestInit }),
    );
    const call = async (name, args) => {
      const { content, isError } = await client.callTool({ name, arguments: args });
      if (isError) throw new Error(content[0].text);
      return content[0].text;
    };
    const { task_id } = JSON.parse(
      await call('run_untrusted_scan', { targets: '192.0.2.0/29', name: 'deployed' }),
    );
    await ended(start('admin-cli', ['tasks', 'watch', task_id], environment));
    const lines = (await call('get_scan_results', { task_id })).trimEnd().split('\n');
    if (lines.length < 4) problems.push(`the scan has ${lines.length} lines of results`);
    await client.close();
    const findings = JSON.parse(await ended(start('admin-cli', ['doctor', '--json'], environment)));
    for (const { check, detail } of findings.filter(({ state }) => state === 'failed'))
      problems.push(`doctor: ${check}: ${detail}`);
    for (const state of [api, worker]) {
      state.child.kill('SIGTERM');
      await once(state.child, 'exit');
      if (state.child.exitCode !== 0)
        problems.push(`an app ended with ${state.child.exitCode}: ${state.err}`);
    }
    const version = await ended(start('standalone', ['--version'], environment));
    if (!/^\d/.test(version)) problems.push(`nmcp --version says ${version}`);
    return lines.length;
  } finally {
    await simulator.close();
    await redis?.stop();
  }
}

async function ended(state) {
  await once(state.child, 'close');
  if (state.child.exitCode !== 0)
    throw new Error(`it ended with ${state.child.exitCode}: ${state.err}${state.out}`);
  return state.out;
}

/** By the container's own health check. */
async function healthy(url, app, environment) {
  for (const path of ['/livez', '/readyz', '/health']) {
    const { status } = await fetch(url + path);
    if (status !== 200) problems.push(`${app} answers ${status} at ${path}`);
  }
  const copy = join(folder, app, 'healthcheck.mjs');
  chmodSync(join(folder, app), 0o755);
  writeFileSync(copy, readFileSync(join(root, 'docker/healthcheck.mjs')));
  const check = spawn(process.execPath, [copy], { env: { PATH: process.env.PATH, ...environment } });
  await once(check, 'exit');
  if (check.exitCode !== 0) problems.push(`the health check of ${app} ended with ${check.exitCode}`);
}

/** Names of the settings that there are. */
function knownSettings() {
  const source = readFileSync(join(root, 'packages/settings/src/read_settings.ts'), 'utf8');
  const outside = [
    'NESSUS_URL',
    'NESSUS_USERNAME',
    'NESSUS_PASSWORD',
    'NODE_ENV',
    'AWS_REGION',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_ENDPOINT_URL_S3',
  ];
  return new Set([...(source.match(/\b[A-Z][A-Z0-9_]{3,}\b/g) ?? []), ...outside]);
}

function checkManifests() {
  const dockerfile = readFileSync(join(root, 'docker/Dockerfile'), 'utf8');
  const expect = (isGood, what) => {
    if (!isGood) problems.push(what);
  };
  expect(/^USER (?!root)/m.test(dockerfile), 'Dockerfile: the user is root');
  expect(dockerfile.includes('docker/deploy.sh'), 'Dockerfile: it does not run docker/deploy.sh');
  for (const [, source] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
    for (const path of source.split(' '))
      expect(existsSync(join(root, path)), `Dockerfile: COPY ${path}: there is none`);
  const known = knownSettings();
  const compose = parse(readFileSync(join(root, 'docker/compose.yaml'), 'utf8'), { merge: true });
  const apps = new Set(readdirSync(join(root, 'apps')));
  for (const [name, service] of Object.entries(compose.services)) {
    const where = `compose.yaml: ${name}`;
    for (const variable of Object.keys((service.build && service.environment) ?? {}))
      expect(known.has(variable), `${where}: no setting is called ${variable}`);
    if (service.build) {
      expect(apps.has(service.build.args.APP), `${where}: there is no app ${service.build.args.APP}`);
      expect(
        existsSync(join(root, 'docker', service.build.context, service.build.dockerfile)),
        `${where}: no Dockerfile`,
      );
    }
    expect(service.read_only === true, `${where}: its root can be written`);
    expect(service.cap_drop?.includes('ALL'), `${where}: it keeps capabilities`);
  }
  for (const [, name] of readFileSync(join(root, 'docker/scaled.env'), 'utf8').matchAll(/^(\w+)=/gm))
    expect(known.has(name) || name === 'POSTGRES_PASSWORD', `scaled.env: no setting is called ${name}`);
  expect(
    compose.services['mcp-api'].ports.some((port) => port.endsWith(':8836')),
    'compose.yaml: no port 8836',
  );
  for (const document of parseAllDocuments(
    readFileSync(join(root, 'docker/kubernetes/nessus-mcp.yaml'), 'utf8'),
  )) {
    for (const error of document.errors) problems.push(`nessus-mcp.yaml: ${error.message}`);
    const manifest = document.toJS();
    const where = `nessus-mcp.yaml: ${manifest.kind} ${manifest.metadata.name}`;
    expect(manifest.apiVersion !== undefined, `${where}: no apiVersion`);
    if (manifest.kind !== 'Deployment' && manifest.kind !== 'StatefulSet') continue;
    const { template, selector } = manifest.spec;
    expect(template.metadata.labels.app === selector.matchLabels.app, `${where}: it selects other pods`);
    expect(template.spec.securityContext.runAsNonRoot === true, `${where}: it may run as root`);
    const volumes = new Set([
      ...(template.spec.volumes ?? []).map(({ name }) => name),
      ...(manifest.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name),
    ]);
    for (const container of template.spec.containers) {
      const { securityContext, env = [], volumeMounts = [], ports = [] } = container;
      expect(securityContext.readOnlyRootFilesystem === true, `${where}: its root can be written`);
      expect(securityContext.capabilities.drop.includes('ALL'), `${where}: it keeps capabilities`);
      for (const { name } of env) expect(known.has(name), `${where}: no setting is called ${name}`);
      for (const { name } of volumeMounts) expect(volumes.has(name), `${where}: there is no volume ${name}`);
      const names = new Set(ports.map(({ name }) => name));
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe'].map((each) => container[each]))
        if (probe?.httpGet) expect(names.has(probe.httpGet.port), `${where}: no port ${probe.httpGet.port}`);
    }
  }
}
