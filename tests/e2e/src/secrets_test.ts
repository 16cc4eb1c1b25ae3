import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nmcp/simulator';
import { findRedisServer, startRedis, tempFolder } from '@nmcp/test-support';
import { createClient, type RedisClientType } from 'redis';
import { describe, expect, test } from 'vitest';
import { startApi } from './api_and_worker.ts';
import { startApp } from './app_process.ts';
import { connect, untilFinal } from './mcp_client.ts';

const binary = findRedisServer();

/** Secrets that are planted, one for each field that can hold one. */
const PLANTED = {
  ssh_password: 'planted-ssh-password',
  escalation_password: 'planted-escalation',
  windows_password: 'planted-windows',
  snmp_auth_password: 'planted-snmp-auth',
  snmp_privacy_password: 'planted-snmp-privacy',
};

interface Stage extends AsyncDisposable {
  environment: Record<string, string>;
  simulator: Simulator;
  redis: RedisClientType;
  folder: string;
}

async function stage(speed: number): Promise<Stage> {
  const server = await startRedis(binary ?? '');
  const folder = await tempFolder();
  const simulator = await startSimulator({ tls: false, speed });
  // the default client has no modules, so that its type is the plain one
  const redis = (await createClient({ url: server.url }).connect()) as unknown as RedisClientType;
  return {
    simulator,
    redis,
    folder: folder.path,
    environment: {
      REDIS_URL: server.url,
      DATA_DIR: join(folder.path, 'tasks'),
      NESSUS_URL: simulator.url,
      NESSUS_USERNAME: simulator.username,
      NESSUS_PASSWORD: simulator.password,
      POLL_SECONDS: '0.2',
      LOG_LEVEL: 'trace',
      PORT: '0',
    },
    async [Symbol.asyncDispose]() {
      redis.destroy();
      await simulator.close();
      await server.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** All that Redis holds, whatever its type. */
async function redisContent(redis: RedisClientType): Promise<string> {
  const parts: string[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const value =
      type === 'list'
        ? await redis.lRange(key, 0, -1)
        : type === 'hash'
          ? await redis.hGetAll(key)
          : type === 'zset'
            ? await redis.zRange(key, 0, -1)
            : type === 'set'
              ? await redis.sMembers(key)
              : await redis.get(key);
    parts.push(key, JSON.stringify(value));
  }
  return parts.join('\n');
}

/** All files of a folder as text; one that is gone meanwhile was a temporary one. */
async function fileContent(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => readFile(file, 'latin1').catch(() => '')))).join('\n');
}

/** Arguments and environment of all processes that this user may look at, but for our own that started them. */
async function processContent(): Promise<string> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const texts = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')));
  return texts.join('\n');
}

describe.skipIf(binary === undefined)('planted secrets', () => {
  test('are found nowhere, while a scan with credentials waits, runs and is done', async () => {
    await using s = await stage(60);
    await using api = await startApi(s.environment);
    const { url } = api;
    await using client = await connect(url);
    const said: string[] = [];
    const call = async (
      name: string,
      args: Record<string, unknown> = {},
    ): Promise<Record<string, unknown>> => {
      const { text, json } = await client.call(name, args);
      said.push(text);
      return json;
    };
    const look = async (): Promise<string[]> => {
      const everything = [
        ...said,
        await redisContent(s.redis),
        await fileContent(s.folder),
        await processContent(),
        await (await fetch(`${url}/metrics`)).text(),
        await (await fetch(`${url}/health`)).text(),
        api.errors(),
      ].join('\n');
      return Object.values(PLANTED).filter((secret) => everything.includes(secret));
    };
    const request = {
      targets: '192.0.2.0/27',
      name: 'planted',
      scan_type: 'authenticated_privileged',
      ssh_username: 'audit',
      elevate_privileges_with: 'sudo',
      escalation_account: 'root',
      windows_username: 'audit',
      snmp_username: 'monitor',
      idempotency_key: 'planted',
      ...PLANTED,
    };
    const { task_id } = await call('run_authenticated_scan', request);
    await call('run_authenticated_scan', request); // a repeat
    await call('run_authenticated_scan', { ...request, name: 'other' }); // a conflict
    await call('run_authenticated_scan', { ...request, ssh_username: '', idempotency_key: 'wrong' });
    await call('get_queue_status');
    expect(await look()).toEqual([]);

    await using worker = startApp('worker', [], s.environment);
    await worker.says(/scan created/);
    await call('get_scan_status', { task_id });
    await call('list_tasks');
    expect(await look()).toEqual([]);
    expect(await untilFinal(client, task_id)).toMatchObject({ status: 'completed' });
    await call('get_scan_status', { task_id });
    await call('get_scan_results', { task_id, page: 0, schema_profile: 'full' });
    await call('get_scan_summary', { task_id });
    expect(await look()).toEqual([]);
    expect(Object.values(PLANTED).filter((secret) => worker.errors().includes(secret))).toEqual([]);
    const task = JSON.parse(
      await readFile(join(s.environment.DATA_DIR ?? '', String(task_id), 'task.json'), 'utf8'),
    );
    expect(task.payload).not.toHaveProperty('credentials');
    // and yet they reached the scanner: it logged in
    expect(task.authentication_status).toBe('success');
  });

  test('of a v3.0 producer are sealed as soon as a worker has the task', async () => {
    await using s = await stage(1);
    const id = 'nessus-s1-20251126-abc123';
    const credentials = {
      type: 'ssh',
      auth_method: 'password',
      username: 'root',
      password: PLANTED.ssh_password,
      elevate_privileges_with: 'Nothing',
    };
    const base = {
      task_id: id,
      trace_id: 'trace-1',
      scan_type: 'authenticated',
      scanner_pool: 'nessus',
      payload: { targets: '192.0.2.0/28', name: 'from v3.0', description: '', credentials },
    };
    const folder = join(s.environment.DATA_DIR ?? '', id);
    await mkdir(folder, { recursive: true });
    const task = {
      ...base,
      scanner_type: 'nessus',
      status: 'queued',
      created_at: '2025-11-26T10:00:00.123456',
    };
    await writeFile(join(folder, 'task.json'), JSON.stringify(task));
    await s.redis.lPush('nessus:queue', JSON.stringify(base));
    await using worker = startApp('worker', [], s.environment);
    await worker.says(/scan created/);
    const everything = (await redisContent(s.redis)) + (await fileContent(s.folder)) + worker.errors();
    expect(everything).not.toContain(PLANTED.ssh_password);
    expect(JSON.parse(await readFile(join(folder, 'task.json'), 'utf8')).payload.credentials).toEqual({
      sealed: expect.stringMatching(/^v1\./),
    });
    expect(s.simulator.counts().created).toBe(1);
  });
});
