import { readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startApi, startApiAndWorker } from './api_and_worker.ts';
import { runApp, startApp } from './app_process.ts';
import { connect, untilFinal } from './mcp_client.ts';
import { openStage, STORES } from './stage.ts';

/** v3.0's metrics with their types and labels. */
const METRICS: Record<string, [type: string, ...labels: string[]]> = {
  nessus_scans_total: ['counter', 'scan_type', 'status'],
  nessus_api_requests_total: ['counter', 'tool', 'status'],
  nessus_ttl_deletions_total: ['counter'],
  nessus_active_scans: ['gauge'],
  nessus_scanner_instances: ['gauge', 'scanner_type', 'enabled'],
  nessus_queue_depth: ['gauge', 'queue'],
  nessus_dlq_size: ['gauge'],
  nessus_scanner_active_scans: ['gauge', 'scanner_instance'],
  nessus_scanner_capacity: ['gauge', 'scanner_instance'],
  nessus_scanner_utilization_pct: ['gauge', 'scanner_instance'],
  nessus_pool_total_capacity: ['gauge'],
  nessus_pool_total_active: ['gauge'],
  nessus_pool_queue_depth: ['gauge', 'pool'],
  nessus_pool_dlq_depth: ['gauge', 'pool'],
  nessus_validation_total: ['counter', 'pool', 'result'],
  nessus_validation_failures_total: ['counter', 'pool', 'reason'],
  nessus_auth_failures_total: ['counter', 'pool', 'scan_type'],
  nessus_circuit_state: ['gauge', 'scanner_instance'],
  nessus_circuit_failures_total: ['counter', 'scanner_instance'],
  nessus_circuit_opens_total: ['counter', 'scanner_instance'],
  nessus_task_duration_seconds: ['histogram', 'le'],
};

/** Samples of a scrape by name, and the types; throws at a line that Prometheus would not take. */
function parseScrape(text: string): {
  types: Map<string, string>;
  samples: { name: string; labels: string[] }[];
} {
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const samples = [];
  for (const line of text.trimEnd().split('\n')) {
    const [, help] = /^# HELP ([a-z_:][a-z0-9_:]*) \S.*$/.exec(line) ?? [];
    const [, typed, type] =
      /^# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge|histogram|summary)$/.exec(line) ?? [];
    const [, name, labels = '', value] =
      /^([a-z_:][a-z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)$/.exec(line) ?? [];
    if (line === '') continue;
    if (help !== undefined) helped.add(help);
    else if (typed !== undefined && type !== undefined) {
      if (types.has(typed)) throw new Error(`${typed} is declared twice`);
      if (!helped.has(typed)) throw new Error(`${typed} has no help`);
      types.set(typed, type);
    } else if (name !== undefined && value !== undefined && !Number.isNaN(value.replace('+Inf', '1')))
      samples.push({ name, labels: [...labels.matchAll(/([a-z_]+)="/g)].map(([, label]) => label ?? '') });
    else throw new Error(`no line of a scrape: ${line}`);
  }
  for (const [name, type] of types)
    if ((type === 'counter') !== name.endsWith('_total'))
      throw new Error(`${name} is a ${type}: counters, and nothing else, end with _total`);
  return { types, samples };
}

describe.each(STORES)('api and worker on %s', (store) => {
  test('say how they are, and show every metric of v3.0 after one scan', async () => {
    await using s = await openStage(store, { speed: 300 });
    await using api = startApp('mcp-api', [], s.environment);
    await using worker = startApp('worker', [], { ...s.environment, WORKER_PORT: '0' });
    const [, url = ''] = await api.says(/"url":"(http[^"]+)"/);
    const [, status = ''] = await worker.says(/"status":"(http[^"]+)"/);
    await using client = await connect(url);
    const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/29', name: 'n' });
    await untilFinal(client, json.task_id);

    for (const base of [url, status]) {
      expect(await (await fetch(`${base}/livez`)).json()).toEqual({ status: 'ok' });
      expect((await fetch(`${base}/readyz`)).status).toBe(200);
      expect(await (await fetch(`${base}/health`)).json()).toMatchObject({
        status: 'healthy',
        checks: { redis: true, filesystem: true },
        scanners: [{ scanner: 'nessus:s1', circuit: 'closed' }],
      });
    }
    const scrapes = await Promise.all(
      [url, status].map(async (base) => parseScrape(await (await fetch(`${base}/metrics`)).text())),
    );
    for (const { types } of scrapes)
      for (const [name, [type]] of Object.entries(METRICS))
        expect([name, types.get(name)]).toEqual([name, type]);
    const samples = scrapes.flatMap((scrape) => scrape.samples);
    for (const [name, [type, ...labels]] of Object.entries(METRICS)) {
      const found = samples.find(
        (sample) => sample.name === (type === 'histogram' ? `${name}_bucket` : name),
      );
      expect([name, found?.labels]).toEqual([name, labels]);
    }
    for (const name of ['nmcp_tool_duration_seconds_count', 'nmcp_http_requests_total'])
      expect(scrapes[0]?.samples.map((sample) => sample.name)).toContain(name);
    for (const name of [
      'nmcp_queue_wait_seconds_count',
      'nmcp_export_bytes_total',
      'process_cpu_seconds_total',
    ])
      expect(scrapes[1]?.samples.map((sample) => sample.name)).toContain(name);
  });

  test('take a hundred reloads under load, and neither lose a scan nor miscount', async () => {
    await using s = await openStage(store, { speed: 300 });
    await using started = await startApiAndWorker(s.environment);
    const { api, worker, client } = started;
    const good = await readFile(s.config, 'utf8');
    const ids: unknown[] = [];
    for (let i = 0; i < 100; i++) {
      if (i % 5 === 0) {
        const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/29', name: `n${i}` });
        ids.push(json.task_id);
      }
      // now and then the scanner is another one, smaller, or the file is broken
      const text =
        [good, good.replace('s1', 's2'), good.replace('    url:', '    max_concurrent_scans: 1\n    url:')][
          i % 4
        ] ?? 'nessus: [{';
      await writeFile(`${s.config}.new`, text);
      await rename(`${s.config}.new`, s.config);
      worker.child.kill('SIGHUP');
      api.child.kill('SIGHUP');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await writeFile(`${s.config}.new`, good);
    await rename(`${s.config}.new`, s.config);
    worker.child.kill('SIGHUP');
    api.child.kill('SIGHUP');
    for (const id of ids) expect(await untilFinal(client, id)).toMatchObject({ status: 'completed' });
    expect(s.simulator.counts()).toMatchObject({ created: ids.length, launched: ids.length });
    expect((await client.call('get_pool_status')).json).toMatchObject({ total_active: 0, total_scanners: 1 });
    expect((await client.call('get_queue_status')).json).toMatchObject({ queue_depth: 0 });
  });
});

test('a change of the configuration is seen by itself; one with a fault changes nothing and says why', async () => {
  await using s = await openStage('embedded', {});
  await using api = await startApi(s.environment);
  const { url } = api;
  await using client = await connect(url);
  const good = await readFile(s.config, 'utf8');
  await writeFile(
    s.config,
    `${good}nessus_dmz:\n  - {instance_id: d, url: "https://10.0.0.9:8834", username: u, password: p}\n`,
  );
  await api.says(/scanners and policy reloaded/);
  expect((await client.call('list_pools')).json.pools).toEqual(['nessus', 'nessus_dmz']);
  await writeFile(s.config, 'nessus: [{instance_id: x}]\n');
  await api.says(/reload failed.*|"reason":"[^"]*instance_id[^"]*"/);
  expect((await client.call('list_pools')).json.pools).toEqual(['nessus', 'nessus_dmz']);
});

test('metrics and readiness while Redis is down say so, and the process lives', async () => {
  if (!STORES.includes('redis')) return;
  await using s = await openStage('redis', {});
  await using api = await startApi(s.environment);
  const { url } = api;
  expect(await (await fetch(`${url}/metrics`)).text()).toContain('nmcp_store_up 1\n');
  await s.stopStore();
  const scrape = await fetch(`${url}/metrics`);
  expect([scrape.status, await scrape.text()]).toEqual([200, expect.stringContaining('nmcp_store_up 0\n')]);
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect((await fetch(`${url}/livez`)).status).toBe(200);
});

test('a worker on another interface serves its metrics to who has a token', async () => {
  await using s = await openStage('embedded', {});
  const made = await runApp('admin-cli', [
    'token',
    'create',
    'prometheus',
    '--scopes',
    'read',
    '--data-dir',
    s.dataDir,
  ]);
  await using worker = startApp('worker', [], { ...s.environment, WORKER_PORT: '0' });
  const [, url = ''] = await worker.says(/"status":"(http[^"]+)"/);
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  const headers = { authorization: `Bearer ${made.stdout.trim()}` };
  expect((await fetch(`${url}/metrics`, { headers })).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
});

test('a trace leads from the call through the queue to the calls of the scanner', async () => {
  await using s = await openStage('embedded', { speed: 300 });
  const file = `${s.dataDir}.trace`;
  const environment = {
    ...s.environment,
    TRACE_FILE: file,
    NODE_OPTIONS: `--import ${fileURLToPath(new URL('../fixtures/tracing.mjs', import.meta.url))}`,
  };
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  await using started = await startApiAndWorker(environment, {
    traceparent: `00-${trace}-00f067aa0ba902b7-01`,
  });
  const { worker, client } = started;
  const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/29', name: 'n' });
  await untilFinal(client, json.task_id);
  await worker.stop();
  const spans = (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const named = (name: string) => spans.find((span) => span.name === name && span.traceId === trace);
  const [call, scan] = [named('tools/call run_untrusted_scan'), named('scan')];
  expect(call?.parent).toBe('00f067aa0ba902b7');
  expect(scan?.parent).toBe(call?.spanId);
  for (const name of ['scanner createScan', 'scanner launch', 'scanner exportResults', 'read results'])
    expect([name, named(name)?.parent]).toEqual([name, scan?.spanId]);
});
