import { randomBytes } from 'node:crypto';
import { findRedisServer, startPostgres } from '@nmcp/test-support';
import { createClient } from 'redis';
import { afterAll, describe, expect, test } from 'vitest';
import { startApiAndWorker } from './api_and_worker.ts';
import { runApp, startApp } from './app_process.ts';
import { connect, jsonLines, untilFinal } from './mcp_client.ts';
import { openStage, type Stage } from './stage.ts';

const postgres = await startPostgres();
afterAll(async () => await postgres?.[Symbol.asyncDispose]());

interface DatabaseStage extends Stage {
  url: string;
  /** Of another host: nothing is shared but the database, Redis, the secret key and the configuration. */
  elsewhere: Record<string, string>;
}

async function openDatabaseStage(speed: number): Promise<DatabaseStage> {
  const stage = await openStage('redis', { speed });
  const url = (await postgres?.newDatabase()) ?? '';
  const key = randomBytes(32).toString('base64');
  const environment = { ...stage.environment, TASKS_URL: url, NMCP_SECRET_KEY: key };
  const elsewhere = { ...environment, DATA_DIR: `${stage.dataDir}-elsewhere` };
  return { ...stage, environment, url, elsewhere };
}

async function admin(environment: Record<string, string>, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runApp('admin-cli', args, { environment });
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

describe.skipIf(!postgres || findRedisServer() === undefined)(
  'api and worker with tasks in PostgreSQL',
  () => {
    test('finish a scan, and its decisions are in an audit log that holds', async () => {
      await using s = await openDatabaseStage(60);
      const token = (await admin(s.environment, 'token', 'create', 'alice', '--role', 'operator')).trim();
      await using started = await startApiAndWorker(s.environment, { authorization: `Bearer ${token}` });
      const { api, worker, client } = started;
      const { json } = await client.call('run_untrusted_scan', {
        targets: '192.0.2.0/28',
        name: 'in a database',
      });
      expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
      const { text } = await client.call('get_scan_results', { task_id: json.task_id });
      expect(jsonLines(text).length).toBeGreaterThan(10);
      expect((await client.call('list_tasks', { target_filter: '192.0.2.3' })).json).toMatchObject({
        total: 1,
        tasks: [{ task_id: json.task_id, status: 'completed' }],
      });
      expect(await (await fetch(`${api.url}/health`)).json()).toMatchObject({
        status: 'healthy',
        tasks_store: 'PostgreSQL',
        checks: { database: true },
      });
      expect(await admin(s.environment, 'audit', 'verify')).toMatch(/entries, none tampered with/);
      const [{ id = '' } = {}] = JSON.parse(await admin(s.environment, 'token', 'list', '--json'));
      await admin(s.environment, 'token', 'revoke', id);
      const late = await connect(api.url, { authorization: `Bearer ${token}` }).catch(
        (error: Error) => error,
      );
      expect(late).toBeInstanceOf(Error);
      expect([await worker.stop(), await api.stop()]).toEqual([0, 0]);
    });

    test('a worker that is killed is followed by one on another host, which finishes the same scan', async () => {
      await using s = await openDatabaseStage(60);
      const environment = { ...s.environment, LEASE_SECONDS: '1.5' };
      await using started = await startApiAndWorker(environment);
      const { worker: first, client } = started;
      const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'killed' });
      await first.says(/scan created/);
      await first.stop('SIGKILL');
      await using second = startApp('worker', [], { ...s.elsewhere, LEASE_SECONDS: '1.5' });
      await second.says(/task resumed/);
      expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
      expect(s.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
    });

    test('a Redis that loses everything loses no task', async () => {
      await using s = await openDatabaseStage(20);
      await using started = await startApiAndWorker(s.environment);
      const { worker: first, client } = started;
      const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'wiped' });
      await first.says(/scan created/);
      await first.stop('SIGKILL');
      const redis = await createClient({ url: s.environment.REDIS_URL ?? '' }).connect();
      await redis.flushAll();
      redis.destroy();
      // a task is looked for when it is a minute old: this one is made so
      await postgres?.sql(
        `UPDATE nmcp_tasks SET task = regexp_replace(task, '"started_at": "[^"]+"',
        '"started_at": "${new Date(Date.now() - 61_000).toISOString()}"')`,
        s.url,
      );
      await using second = startApp('worker', [], s.environment);
      await second.says(/"adopted":\["ne_scan/);
      expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
      expect(s.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
    });

    test('a PostgreSQL that goes away meanwhile ends no scan; calls say so, and all goes on when it is back', async () => {
      await using s = await openDatabaseStage(20);
      await using started = await startApiAndWorker(s.environment);
      const { api, worker, client } = started;
      const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'away' });
      await worker.says(/scan created/);
      postgres?.stop();
      try {
        const refused = await client.call('get_scan_status', { task_id: json.task_id });
        expect(refused.json).toMatchObject({
          status_code: 503,
          message: expect.stringContaining('does not answer'),
        });
        const submitted = await client.call('run_untrusted_scan', { targets: '192.0.2.1', name: 'late' });
        expect(submitted.json).toMatchObject({ status_code: 503 });
        expect((await fetch(`${api.url}/readyz`)).status).toBe(503);
        await worker.says(/nothing can be written; the task waits until it can/);
      } finally {
        postgres?.start();
      }
      expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
      expect(s.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
      expect((await client.call('get_queue_status')).json).toMatchObject({ queue_depth: 0, dlq_size: 0 });
    });

    test('a process with another secret key does not start; keys are replaced one after the other', async () => {
      await using s = await openDatabaseStage(60);
      await using worker = startApp('worker', [], s.environment);
      await worker.says(/working/);
      const other = { ...s.environment, NMCP_SECRET_KEY: randomBytes(32).toString('base64') };
      const refused = await runApp('worker', [], { environment: other });
      expect(refused).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/with another secret key.*NMCP_SECRET_KEY/),
      });
      const keys = `${other.NMCP_SECRET_KEY},${s.environment.NMCP_SECRET_KEY}`;
      await using second = startApp('worker', [], { ...s.environment, NMCP_SECRET_KEY: keys });
      await second.says(/working/);
      await using third = startApp('worker', [], other);
      await third.says(/working/);
    });

    test('a scan that runs while its task is copied from files to a database, and back, goes on', async () => {
      await using s = await openDatabaseStage(10);
      const { TASKS_URL: url = '', ...files } = s.environment;
      let id: string;
      {
        await using started = await startApiAndWorker(files);
        const { json } = await started.client.call('run_untrusted_scan', {
          targets: '192.0.2.0/28',
          name: 'copied',
        });
        await started.worker.says(/scan created/);
        id = String(json.task_id);
      }
      expect(await admin(s.environment, 'migrate')).toMatch(/made 0001_first/);
      expect(await admin(s.environment, 'migrate')).toMatch(/nothing to do/);
      expect(await admin(s.environment, 'copy', '--from', s.dataDir)).toMatch(/tasks +1/);
      {
        await using started = await startApiAndWorker(s.environment);
        await started.worker.says(/task resumed/);
      }
      // what is newer than the files is not taken back by a copy of them
      const stale = await runApp('admin-cli', ['copy', '--from', s.dataDir, '--to', url], {
        environment: files,
      });
      expect(stale).toMatchObject({ code: 5, stderr: expect.stringMatching(/holds something else/) });
      const back = `${s.dataDir}-back`;
      expect(await admin(s.environment, 'copy', '--from', 'TASKS_URL', '--to', back)).toMatch(/tasks +1/);
      await using started = await startApiAndWorker({ ...files, DATA_DIR: back });
      expect(await untilFinal(started.client, id)).toMatchObject({ status: 'completed' });
      expect(s.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
    });

    test('two deployments on one database are noticed: processes with another queue do not start', async () => {
      await using s = await openDatabaseStage(60);
      await using worker = startApp('worker', [], s.environment);
      await worker.says(/working/);
      const { REDIS_URL: _, ...embedded } = s.elsewhere;
      const refused = await runApp('worker', [], { environment: embedded });
      expect(refused).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(/processes with another queue .*REDIS_URL/),
      });
      await using second = startApp('worker', [], s.elsewhere);
      await second.says(/working/);
      expect([await worker.stop(), await second.stop()]).toEqual([0, 0]);
      // nobody is there any more, so the deployment may have another queue from now on
      await using alone = startApp('worker', [], embedded);
      await alone.says(/working/);
    });
  },
);
