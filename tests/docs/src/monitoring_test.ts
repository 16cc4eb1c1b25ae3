import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMetrics } from '@nmcp/telemetry';
import { parser } from '@prometheus-io/lezer-promql';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const config = fileURLToPath(new URL('../../../config/', import.meta.url));
const packages = fileURLToPath(new URL('../../../packages/', import.meta.url));

interface Rules {
  groups: { rules: { alert: string; expr: string; labels: object; annotations: Record<string, string> }[] }[];
}
interface Dashboard {
  panels: { id: number; title: string; targets: { expr: string; legendFormat: string }[] }[];
}

async function allExpressions(): Promise<[where: string, expr: string][]> {
  const rules: Rules = parse(await readFile(`${config}alerts.yaml`, 'utf8'));
  const dashboard: Dashboard = JSON.parse(await readFile(`${config}grafana/nessus-mcp.json`, 'utf8'));
  return [
    ...rules.groups.flatMap((group) => group.rules.map(({ alert, expr }): [string, string] => [alert, expr])),
    ...dashboard.panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }): [string, string] => [title, expr.replaceAll('$__rate_interval', '5m')]),
    ),
  ];
}

/** Names of metrics with the labels that they have; those of a histogram with what is made of it. */
async function knownMetrics(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const known = new Map<string, Set<string>>();
  for (const metric of await createMetrics().registry.getMetricsAsJSON()) {
    const { labelNames = [] } = metric as unknown as { labelNames?: string[] }; // prom-client keeps them on the metric
    const isHistogram = String(metric.type) === 'histogram';
    for (const suffix of isHistogram ? ['_bucket', '_sum', '_count'] : [''])
      known.set(metric.name + suffix, new Set([...labelNames, ...(suffix === '_bucket' ? ['le'] : [])]));
  }
  return known;
}

/** Texts of the packages' sources, but of the metrics' own. */
async function sourcesOf(folder: string): Promise<string[]> {
  const found = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const src = join(folder, name, 'src');
      const paths = await readdir(src, { recursive: true }).catch((): string[] => []);
      const wanted = paths.filter((path) => /(?<!_test)\.tsx?$/.test(path) && path !== 'metrics.ts');
      return await Promise.all(wanted.map((path) => readFile(join(src, path), 'utf8')));
    }),
  );
  return found.flat();
}

describe('alert rules and dashboard', async () => {
  const [expressions, known] = [await allExpressions(), await knownMetrics()];

  test.each(expressions)('%s: is PromQL about metrics that there are', (_where, expr) => {
    const names: string[] = [];
    parser.parse(expr).iterate({
      enter(node) {
        if (node.type.isError) throw new Error(`at ${node.from}: ${expr}`);
        if (node.name === 'VectorSelector') {
          const name = /^[a-zA-Z_:][\w:]*/.exec(expr.slice(node.from, node.to))?.[0];
          if (name !== undefined) names.push(name);
        }
      },
    });
    expect(names.length).toBeGreaterThan(0);
    for (const name of names)
      expect(
        [name, known.has(name)],
        `no metric is called ${name}: correct the expression in config/alerts.yaml or config/grafana/nessus-mcp.json, or add the metric to packages/telemetry/src/metrics.ts`,
      ).toEqual([name, true]);
  });

  test('every metric of ours is looked at somewhere', () => {
    const all = expressions.map(([, expr]) => expr).join('\n');
    const unseen = [...known.keys()]
      .filter((name) => /^(nessus|nmcp)_/.test(name) && !/_(sum|count)$/.test(name))
      .filter((name) => !all.includes(name));
    expect(
      unseen,
      'a metric is shown nowhere: add a panel with it to config/grafana/nessus-mcp.json, or a rule to config/alerts.yaml',
    ).toEqual([
      'nmcp_http_request_duration_seconds_bucket',
      'nmcp_export_duration_seconds_bucket',
      'nmcp_housekeeping_duration_seconds_bucket',
    ]);
  });

  test('every metric is counted somewhere', async () => {
    const { registry: _, beginAtZero: __, expose: ___, ...metrics } = createMetrics();
    const text = (await sourcesOf(packages)).join('\n');
    // there it is told with the gauges of a scrape
    const scrape = await readFile(join(packages, 'telemetry/src/metrics.ts'), 'utf8');
    const uncounted = Object.keys(metrics).filter(
      (name) =>
        !scrape.includes(`${name}.observe(`) &&
        !new RegExp(`metrics\\.${name}\\b|\\b${name}\\.(?:inc|observe|set|startTimer)\\(`).test(text),
    );
    expect(
      uncounted,
      'nothing counts a metric of packages/telemetry/src/metrics.ts: count it where the thing happens (services.metrics.NAME.inc()), or remove it',
    ).toEqual([]);
  });

  test('every alert says what it is and what to do', async () => {
    const rules: Rules = parse(await readFile(`${config}alerts.yaml`, 'utf8'));
    for (const { alert, labels, annotations } of rules.groups.flatMap((group) => group.rules)) {
      expect(alert).toMatch(/^NessusMcp[A-Z]\w+$/);
      expect(labels).toMatchObject({ severity: expect.stringMatching(/^(critical|warning)$/) });
      for (const text of ['summary', 'description']) expect(annotations[text]?.length).toBeGreaterThan(20);
    }
  });
});
