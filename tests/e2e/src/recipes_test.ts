import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Simulator, startSimulator } from '@nmcp/simulator';
import { findRedisServer, startRedis } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appPath, startApp } from './app_process.ts';
import { connect, untilFinal } from './mcp_client.ts';
import { blocksOf, type FollowedRecipe, followRecipe, recipeTitles } from './recipe.ts';
import { proxyOf } from './tls_proxy.ts';

/** What tests follow each recipe; a recipe without one is a fault. */
const FOLLOWED = [
  'A real scanner from a desktop client',
  'A scanner with a self-signed certificate',
  'A team with five tokens',
  'TLS behind a proxy',
  'Backup and restore',
  'Upgrade and rollback',
  'Moving from the embedded queue to Redis',
];

test('every recipe is followed by a test; add one to FOLLOWED, and a test that ends with what the recipe is for', async () => {
  expect(await recipeTitles()).toEqual(FOLLOWED);
});

describe('followed to the letter', () => {
  let simulator: Simulator;
  let scanner: Record<string, string>;
  beforeAll(async () => {
    simulator = await startSimulator({ speed: 300 });
    scanner = {
      NESSUS_URL: simulator.url,
      NESSUS_ACCESS_KEY: simulator.accessKey,
      NESSUS_SECRET_KEY: simulator.secretKey,
      NESSUS_FINGERPRINT: simulator.fingerprint ?? '',
    };
  });
  afterAll(() => simulator.close());

  const tokenOf = ({ said }: FollowedRecipe, name: string): string => {
    const line = [...said.keys()].find((each) => each.startsWith(`nmcp-admin token create ${name}`));
    return said.get(line ?? '')?.trim() ?? '';
  };
  const as = (recipe: FollowedRecipe, name: string): ReturnType<typeof connect> =>
    connect(recipe.url, { authorization: `Bearer ${tokenOf(recipe, name)}` });
  /** A server that has completed a scan in this data directory, and has stopped. @returns the scan */
  const scanIn = async (dataDir: string): Promise<string> => {
    await using server = startApp('standalone', ['serve', '--port', '0'], {
      ...scanner,
      DATA_DIR: dataDir,
      POLL_SECONDS: '0.2',
    });
    const [, url = ''] = await server.says(/listens at (http:\S+)\/mcp/);
    await using client = await connect(url);
    const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/30', name: 'before' });
    await untilFinal(client, json.task_id);
    return String(json.task_id);
  };

  test('a desktop client reaches a real scanner', async () => {
    const [json = ''] = await blocksOf('A real scanner from a desktop client', 'json');
    const real = json
      .replace('/opt/nessus-mcp/apps/standalone/bin/main.js', appPath('standalone'))
      .replace('https://nessus.example.org:8834', simulator.url)
      .replace('"ACCESS KEY"', JSON.stringify(simulator.accessKey))
      .replace('"SECRET KEY"', JSON.stringify(simulator.secretKey))
      .replace('"FINGERPRINT"', JSON.stringify(simulator.fingerprint));
    const { command, args, env } = JSON.parse(real).mcpServers.nessus;
    expect(command).toBe('node');
    const transport = new StdioClientTransport({
      command: process.execPath,
      args,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: '/tmp',
        DATA_DIR: `/tmp/nmcp-recipe-${process.pid}`,
        ...env,
      },
      stderr: 'ignore',
    });
    const client = new Client({ name: 'desktop', version: '0' });
    await client.connect(transport);
    const answer = await client.callTool({ name: 'list_scanner_scans', arguments: {} });
    expect(answer.structuredContent).toMatchObject({ scanner_instance: 'scanner1' });
    await client.close();
  });

  test('a self-signed certificate is trusted by the fingerprint that openssl prints', async () => {
    const { host, port } = new URL(simulator.url);
    expect(port).not.toBe('');
    await using followed = await followRecipe('A scanner with a self-signed certificate', {
      here: {
        'nessus.example.org:8834': host,
        'NESSUS_ACCESS_KEY=ACCESS_KEY': `NESSUS_ACCESS_KEY=${simulator.accessKey}`,
        'NESSUS_SECRET_KEY=SECRET_KEY': `NESSUS_SECRET_KEY=${simulator.secretKey}`,
      },
    });
    expect(followed.environment.NESSUS_FINGERPRINT).toMatch(/^sha256 Fingerprint=/i);
    expect(followed.said.get('nmcp-admin scanners test')).toMatch(/nessus:scanner1 +ok/);
  });

  test('a team has its tokens, and each may what its role says', async () => {
    await using followed = await followRecipe('A team with five tokens', { environment: scanner });
    await using alice = await as(followed, 'alice');
    await using manager = await as(followed, 'manager');
    await using prometheus = await as(followed, 'prometheus');
    const { json } = await alice.call('run_untrusted_scan', { targets: '192.0.2.1', name: 'hers' });
    await untilFinal(alice, json.task_id);
    expect((await manager.call('get_scan_summary', { task_id: json.task_id })).isError).toBe(false);
    expect((await prometheus.call('list_tasks')).json).toEqual({ tasks: [], total: 0 });
    await using bob = await as(followed, 'bob');
    expect(await bob.tools()).toContain('run_authenticated_scan');
    expect((await bob.call('cancel_scan', { task_id: json.task_id })).json.message).toMatch(
      /belongs to alice/,
    );
    expect(await manager.tools()).not.toContain('run_untrusted_scan');
    const [, claude = ''] = await blocksOf('A team with five tokens', 'sh');
    expect(claude).toMatch(/--header "Authorization: Bearer TOKEN"/);
  });

  test('a proxy that does what the nginx block says ends TLS', async () => {
    await using followed = await followRecipe('TLS behind a proxy', { environment: scanner });
    const [nginx = ''] = await blocksOf('TLS behind a proxy', 'nginx');
    await using proxy = await proxyOf(nginx, followed.url);
    const token = tokenOf(followed, 'alice');
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} };
    const answer = await proxy.ask('POST', '/mcp', JSON.stringify(list), {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    });
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('run_untrusted_scan')]);
    const login = await proxy.ask('POST', '/login', `token=${token}&to=/`, {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(String(login.headers['set-cookie'])).toMatch(/^__Host-nmcp_session=.*; Secure/);
  });

  test('what was backed up is there after it was restored', async () => {
    let id = '';
    await using followed = await followRecipe('Backup and restore', {
      environment: scanner,
      before: {
        'tar --create': async ({ dataDir }) => {
          id = await scanIn(dataDir);
        },
      },
    });
    await using client = await connect(followed.url);
    expect((await client.call('get_scan_summary', { task_id: id })).isError).toBe(false);
    expect(followed.said.get('nmcp-admin audit verify')).toMatch(/none tampered with/);
    expect(followed.said.get('nmcp-admin reconcile')).toMatch(/requeued +0/);
  });

  test('a new version goes on with what the one before has left', async () => {
    let id = '';
    await using followed = await followRecipe('Upgrade and rollback', {
      environment: scanner,
      before: {
        'tar --create': async ({ dataDir }) => {
          id = await scanIn(dataDir);
        },
      },
    });
    expect(followed.said.get('nmcp-admin tasks list')).toContain(id);
    expect(followed.said.get('nmcp-admin doctor')).not.toMatch(/^failed/m);
  });

  test.skipIf(findRedisServer() === undefined)('tasks move to Redis as they are', async () => {
    const redis = await startRedis(findRedisServer() ?? '');
    try {
      await using followed = await followRecipe('Moving from the embedded queue to Redis', {
        environment: scanner,
        here: { 'redis://localhost:6379': redis.url },
        before: {
          '# stop': async ({ dataDir }) => {
            await scanIn(dataDir);
          },
        },
      });
      expect(followed.said.get('nmcp-admin doctor')).toMatch(/ok +queue: (Redis|Valkey)/);
      expect(followed.said.get('nmcp-admin stats')).toMatch(/nessus +0 +0 +0/);
      await using client = await connect(followed.url);
      expect((await client.call('list_tasks')).json).toMatchObject({ total: 1 });
    } finally {
      await redis.stop();
    }
  });
});
