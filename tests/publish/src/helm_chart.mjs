// Renders the chart with Helm's own engine, Go's templates with sprig, for small and large installations, and checks what comes
// out: by the schemas of Kubernetes, and that pods may nothing that they need not, and settings and images are those that there are.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { inTempFolder } from '@nmcp/test-support';
import { parse, parseAllDocuments } from 'yaml';
import { root } from './checkout.mjs';

const chart = join(root, 'docker/helm/nessus-mcp');
const require = createRequire(import.meta.url);
/** Debian keeps the libraries of Go here. */
const GOPATH = '/usr/share/gocode';

/** What an installation past one machine sets. */
const SCALED = {
  image: { registry: 'registry.example.org/security', pullSecrets: [{ name: 'pull' }] },
  secret: { external: { enabled: true, store: { name: 'vault' } } },
  redis: { url: 'redis://mymaster', sentinels: ['10.0.0.1:26379', '10.0.0.2:26379'] },
  tasks: { onPostgres: true },
  results: { url: 's3://security/nmcp', region: 'eu-central-1', encryption: 'aws:kms' },
  settings: { POLL_SECONDS: 20 },
  api: {
    allowedHosts: ['nmcp.example.org'],
    ingress: { enabled: true, host: 'nmcp.example.org', tlsSecret: 'tls' },
  },
  worker: { pools: ['nessus', 'dmz'], autoscaling: { enabled: true, selector: { pool: 'nessus' } } },
  networkPolicy: { metricsFrom: [{ namespaceSelector: { matchLabels: { name: 'monitoring' } } }] },
};

/**
 * Looks at the chart.
 *
 * @param {Set<string>} settings names of the settings that there are
 * @returns {Promise<string[]>} what is wrong
 */
export function checkChart(settings) {
  if (
    spawnSync('go', ['version']).status !== 0 ||
    !existsSync(`${GOPATH}/src/github.com/Masterminds/sprig`)
  ) {
    const line =
      'NO GO WITH SPRIG: the Helm chart is not rendered; as root on Debian npm run deployed installs it';
    console.warn(`\n${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`);
    return Promise.resolve(process.env.CI === 'true' ? [line] : []);
  }
  return inTempFolder(async (folder) => {
    const problems = [];
    const render = join(folder, 'render');
    execFileSync('go', ['build', '-o', render, join(import.meta.dirname, 'helm/render.go')], {
      env: { ...process.env, GO111MODULE: 'off', GOPATH, GOCACHE: join(folder, 'cache') },
    });
    for (const [name, values] of [
      ['small', {}],
      ['scaled', SCALED],
    ]) {
      const rendered = renderWith(render, values, folder);
      if (typeof rendered === 'string') problems.push(`chart, ${name}: ${rendered}`);
      else
        problems.push(
          ...rendered.flatMap((each) => faultsOf(each, settings).map((fault) => `chart, ${name}: ${fault}`)),
        );
    }
    const nameless = renderWith(render, { secret: { external: { enabled: true } } }, folder);
    if (!/secret\.external\.store\.name/.test(String(nameless)))
      problems.push('chart: a store of secrets without a name is not refused');
    return problems;
  });
}

/** The objects, or what the engine says is wrong. */
function renderWith(render, values, folder) {
  const { name, version, appVersion } = parse(readFileSync(join(chart, 'Chart.yaml'), 'utf8'));
  const file = join(folder, 'values.json');
  const data = {
    Values: merged(parse(readFileSync(join(chart, 'values.yaml'), 'utf8')), values),
    Release: { Name: 'scans', Namespace: 'security', Service: 'Helm' },
    Chart: { Name: name, Version: version, AppVersion: appVersion },
  };
  writeFileSync(file, JSON.stringify(data));
  const { status, stdout, stderr } = spawnSync(render, [chart, file], { encoding: 'utf8' });
  if (status !== 0) return stderr.trim();
  const documents = parseAllDocuments(stdout);
  const [error] = documents.flatMap(({ errors }) => errors);
  return error ? error.message : documents.map((document) => document.toJS()).filter(Boolean);
}

/** As Helm lays given values over those of the chart. */
function merged(base, over) {
  const isMap = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(base) || !isMap(over)) return over;
  return Object.fromEntries(
    [...new Set([...Object.keys(base), ...Object.keys(over)])].map((key) => [
      key,
      key in over ? (key in base ? merged(base[key], over[key]) : over[key]) : base[key],
    ]),
  );
}

function faultsOf(object, settings) {
  const where = `${object.kind} ${object.metadata?.name}`;
  const faults = [];
  const expect = (isGood, what) => {
    if (!isGood) faults.push(`${where}: ${what}`);
  };
  if (!object.apiVersion.startsWith('external-secrets.io/')) {
    const { [object.kind]: Model } = require(`kubernetes-models/${object.apiVersion}/${object.kind}`);
    try {
      new Model(object).validate();
    } catch (error) {
      faults.push(`${where}: ${error.message}`);
    }
  }
  const pod = object.spec?.template?.spec;
  if (!pod) return faults;
  const labels = object.spec.template.metadata.labels;
  for (const [label, value] of Object.entries(object.spec.selector?.matchLabels ?? {}))
    expect(labels[label] === value, `selects pods with ${label}: ${value}, which its own have not`);
  expect(pod.automountServiceAccountToken === false, 'gives its pods a token of the cluster');
  expect(pod.securityContext.runAsNonRoot === true, 'may run as root');
  for (const container of pod.containers) {
    const { readOnlyRootFilesystem, allowPrivilegeEscalation, capabilities } = container.securityContext;
    expect(
      readOnlyRootFilesystem && allowPrivilegeEscalation === false,
      'may write its root, or gain rights',
    );
    expect(capabilities.drop.includes('ALL'), 'keeps capabilities');
    const [, app] = /nessus-mcp-([a-z-]+):\S+$/.exec(container.image) ?? [];
    expect(
      ['api', 'worker', 'admin-cli'].includes(app),
      `has the image ${container.image}, which is not built`,
    );
    for (const { name } of container.env ?? [])
      expect(settings.has(name), `sets ${name}, which is no setting`);
    const volumes = new Set(pod.volumes.map(({ name }) => name));
    for (const { name } of container.volumeMounts)
      expect(volumes.has(name), `mounts ${name}, which is no volume`);
    const ports = new Set((container.ports ?? []).map(({ name }) => name));
    for (const kind of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      const port = container[kind]?.httpGet.port;
      expect(port === undefined || ports.has(port), `${kind} asks a port ${port} that there is not`);
    }
  }
  return faults;
}
