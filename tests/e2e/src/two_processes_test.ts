import { writeFile } from 'node:fs/promises';
import { type Simulator, startSimulator } from '@nmcp/simulator';
import { findRedisServer, freePort, startRedis, tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { runApp, startApp } from './app_process.ts';
import { connect, jsonLines, untilFinal } from './mcp_client.ts';

const binary = findRedisServer();

interface Stage extends AsyncDisposable {
  simulator: Simulator;
  environment: Record<string, string>;
}

/** A Redis, a scanner and a data directory of its own. */
async function stage(redisServer: string, speed: number): Promise<Stage> {
  const folder = await tempFolder();
  const redis = await startRedis(redisServer);
  const simulator = await startSimulator({ speed });
  const config = `${folder.path}/scanners.yaml`;
  const { url, accessKey, secretKey, fingerprint } = simulator;
  await writeFile(
    config,
    `nessus:\n  - instance_id: s1\n    url: ${url}\n    access_key: ${accessKey}\n    secret_key: \${SCANNER_SECRET}\n    tls: {fingerprint: "${fingerprint}"}\n`,
  );
  return {
    simulator,
    environment: {
      REDIS_URL: redis.url,
      DATA_DIR: `${folder.path}/tasks`,
      SCANNER_CONFIG: config,
      SCANNER_SECRET: secretKey,
      PORT: '0',
      POLL_SECONDS: '0.2',
    },
    async [Symbol.asyncDispose]() {
      await simulator.close();
      await redis.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(binary === undefined)('api and worker on Redis', () => {
  test('finish a scan as separate processes', async () => {
    await using s = await stage(binary ?? '', 60);
    await using api = startApp('mcp-api', [], s.environment);
    await using worker = startApp('worker', [], s.environment);
    const [, url = ''] = await api.says(/"url":"(http[^"]+)"/);
    await worker.says(/working/);
    await using client = await connect(url);
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
    await using s = await stage(binary ?? '', 20);
    await using api = startApp('mcp-api', [], s.environment);
    await using first = startApp('worker', [], s.environment);
    const [, url = ''] = await api.says(/"url":"(http[^"]+)"/);
    await using client = await connect(url);
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

  test.each([
    ['broken YAML', 'nessus:\n  - [\n', /^nmcp-worker: .*scanners\.yaml:\d+: .*\n$/],
    [
      'an unset variable',
      'nessus:\n  - instance_id: s\n    url: ${NOPE}\n',
      /scanners\.yaml:3: the environment variable NOPE is not set/,
    ],
  ])('%s', async (_name, text, why) => {
    await using folder = await tempFolder();
    await writeFile(`${folder.path}/scanners.yaml`, text);
    const environment = { DATA_DIR: folder.path, SCANNER_CONFIG: `${folder.path}/scanners.yaml` };
    const { code, stderr } = await runApp('worker', [], { environment });
    expect(code).toBe(2);
    expect(stderr).toMatch(why);
  });
});
