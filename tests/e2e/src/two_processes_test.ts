import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { findRedisServer, freePort, tempFolder } from '@nmcp/test-support';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';
import { startApi, startApiAndWorker } from './api_and_worker.ts';
import { runApp, startApp } from './app_process.ts';
import { connect, jsonLines, untilFinal } from './mcp_client.ts';
import { openStage } from './stage.ts';

const binary = findRedisServer();

describe.skipIf(binary === undefined)('api and worker on Redis', () => {
  test('finish a scan as separate processes', async () => {
    await using s = await openStage('redis', { speed: 60 });
    await using started = await startApiAndWorker(s.environment);
    const { api, worker, client } = started;
    const { json } = await client.call('run_untrusted_scan', {
      targets: '192.0.2.0/28',
      name: 'two processes',
    });
    expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
    expect(
      jsonLines((await client.call('get_scan_results', { task_id: json.task_id })).text).length,
    ).toBeGreaterThan(10);
    expect([await worker.stop(), await api.stop()]).toEqual([0, 0]);
  });

  test('a worker ended by SIGTERM in the middle is followed by one that goes on with the same scan', async () => {
    await using s = await openStage('redis', { speed: 20 });
    await using started = await startApiAndWorker(s.environment);
    const { worker: first, client } = started;
    const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'resumed' });
    await first.says(/scan created/);
    while (s.simulator.counts().launched === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await first.stop()).toBe(0);
    expect((await client.call('get_scan_status', { task_id: json.task_id })).json).toMatchObject({
      status: 'running',
    });
    await using second = startApp('worker', [], s.environment);
    await second.says(/task resumed/);
    expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
    expect(s.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
  });
});

describe.skipIf(binary === undefined)('a worker that is killed', () => {
  test.each(['task started', 'scan created', 'results stored'])(
    'with -9 after "%s" is followed by one that finishes the same scan',
    async (step) => {
      await using s = await openStage('redis', { speed: 60 });
      const environment = { ...s.environment, LEASE_SECONDS: '1.5' };
      await using started = await startApiAndWorker(environment);
      const { worker: first, client } = started;
      const { json } = await client.call('run_untrusted_scan', {
        targets: '192.0.2.0/28',
        name: `killed after ${step}`,
      });
      await first.says(new RegExp(step));
      await first.stop('SIGKILL');
      await using second = startApp('worker', [], environment);
      await second.says(/task resumed/);
      expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
      expect(s.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
      expect((await client.call('get_queue_status')).json).toMatchObject({ queue_depth: 0, dlq_size: 0 });
    },
  );

  test('together with a Redis that loses everything: the scan goes on all the same', async () => {
    await using s = await openStage('redis', { speed: 20 });
    await using started = await startApiAndWorker(s.environment);
    const { worker: first, client } = started;
    const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'wiped' });
    await first.says(/scan created/);
    await first.stop('SIGKILL');
    const redis = await createClient({ url: s.environment.REDIS_URL ?? '' }).connect();
    await redis.flushAll();
    redis.destroy();
    // a task is looked for when it is a minute old: this one is made so
    const path = `${s.environment.DATA_DIR}/${json.task_id}/task.json`;
    const minuteAgo = new Date(Date.now() - 61_000).toISOString();
    await writeFile(
      path,
      (await readFile(path, 'utf8')).replace(/"started_at": "[^"]+"/, `"started_at": "${minuteAgo}"`),
    );
    await using second = startApp('worker', [], s.environment);
    await second.says(/"adopted":\["ne_scan/);
    expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
    expect(s.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
  });
});

describe.skipIf(binary === undefined)('beside v3.0', () => {
  test('a task that it wrote and pushed runs; dead letters are as its reader knows them', async () => {
    await using s = await openStage('redis', { speed: 300 });
    const redis = await createClient({ url: s.environment.REDIS_URL ?? '' }).connect();
    const id = 'nessus-s1-20251126-abc123';
    const base = {
      task_id: id,
      trace_id: 'trace-1',
      scan_type: 'untrusted',
      scanner_pool: 'nessus',
      scanner_instance_id: 's1',
      payload: { targets: '192.0.2.1', name: 'from v3.0', description: '' },
    };
    await mkdir(`${s.environment.DATA_DIR}/${id}`, { recursive: true });
    await writeFile(
      `${s.environment.DATA_DIR}/${id}/task.json`,
      JSON.stringify({
        ...base,
        scanner_type: 'nessus',
        status: 'queued',
        created_at: '2025-11-26T10:00:00.123456',
      }),
    );
    await using worker = startApp('worker', [], s.environment);
    await worker.says(/working/);
    await redis.lPush('nessus:queue', 'not a task');
    await redis.lPush('nessus:queue', JSON.stringify({ ...base, task_id: 'nessus-s1-20251126-gone01' }));
    await redis.lPush('nessus:queue', JSON.stringify(base));
    await worker.says(/"status":"completed"/);
    const letters = (await redis.zRange('nessus:queue:dead', 0, -1)).map((text) => JSON.parse(text));
    expect(letters).toHaveLength(2);
    expect(letters).toContainEqual(
      expect.objectContaining({
        raw: 'not a task',
        error: 'The entry is not JSON',
        failed_at: expect.any(String),
        scanner_pool: 'nessus',
      }),
    );
    expect(letters).toContainEqual(
      expect.objectContaining({
        ...base,
        task_id: 'nessus-s1-20251126-gone01',
        error: expect.stringContaining('was not found'),
      }),
    );
    await using api = await startApi(s.environment);
    const { url } = api;
    await using client = await connect(url);
    expect((await client.call('get_scan_status', { task_id: id })).json).toMatchObject({
      status: 'completed',
      name: 'from v3.0',
    });
    redis.destroy();
  });
});

describe('an app that cannot start says why, in one line', () => {
  test.each(['mcp-api', 'worker'] as const)('%s on an unreachable Redis', async (app) => {
    const port = await freePort();
    const environment = { REDIS_URL: `redis://:hunter2@127.0.0.1:${port}`, DATA_DIR: '/tmp/nmcp-none' };
    const { code, stderr } = await runApp(app, [], { environment });
    expect(code).toBe(3);
    expect(stderr).toMatch(
      new RegExp(`^nmcp-\\w+: Redis at 127\\.0\\.0\\.1:${port}: .*ECONNREFUSED.*\\n$`, 'm'),
    );
    expect(stderr).not.toContain('hunter2');
  });

  test('broken YAML', async () => {
    await using folder = await tempFolder();
    await writeFile(`${folder.path}/scanners.yaml`, 'nessus:\n  - [\n');
    const environment = { DATA_DIR: folder.path, SCANNER_CONFIG: `${folder.path}/scanners.yaml` };
    const { code, stderr } = await runApp('worker', [], { environment });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^nmcp-worker: .*scanners\.yaml:\d+: .*\n$/);
  });
});

test('an entry of scanners.yaml that cannot be used is left out, and named', async () => {
  await using folder = await tempFolder();
  await writeFile(`${folder.path}/scanners.yaml`, 'nessus:\n  - instance_id: s\n    url: ${NOPE}\n');
  const environment = { DATA_DIR: folder.path, SCANNER_CONFIG: `${folder.path}/scanners.yaml` };
  await using worker = startApp('worker', [], environment);
  await worker.says(/scanners\.yaml:3: the environment variable NOPE is not set/);
  await worker.says(/"working"/);
});
