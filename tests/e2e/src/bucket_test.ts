import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openBucket } from '@nmcp/bucket';
import { findRedisServer, startPostgres, startS3 } from '@nmcp/test-support';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { startApiAndWorker } from './api_and_worker.ts';
import { runApp } from './app_process.ts';
import { jsonLines, untilFinal } from './mcp_client.ts';
import { openStage, type Stage } from './stage.ts';

const [postgres, s3] = [await startPostgres(), await startS3()];
afterAll(async () => {
  vi.unstubAllEnvs();
  await postgres?.[Symbol.asyncDispose]();
  await s3?.[Symbol.asyncDispose]();
});

interface BucketStage extends Stage {
  /** Of two hosts that share no folder. */
  hosts: readonly [Record<string, string>, Record<string, string>];
}

async function openBucketStage(speed: number): Promise<BucketStage> {
  const stage = await openStage('redis', { speed });
  await s3?.makeBucket('exports');
  const environment = {
    ...stage.environment,
    ...s3?.environment,
    TASKS_URL: (await postgres?.newDatabase()) ?? '',
    RESULTS_URL: `s3://exports/${randomBytes(4).toString('hex')}`,
    NMCP_SECRET_KEY: randomBytes(32).toString('base64'),
  };
  return {
    ...stage,
    environment,
    hosts: [environment, { ...environment, DATA_DIR: `${stage.dataDir}-elsewhere` }],
  };
}

describe.skipIf(!postgres || !s3 || findRedisServer() === undefined)('with results in a bucket', () => {
  test('api and worker on two hosts that share no folder finish a scan, and its results are read', async () => {
    await using s = await openBucketStage(60);
    const [here, there] = s.hosts;
    await using started = await startApiAndWorker(here, {}, there);
    const { api, worker, client } = started;
    const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'elsewhere' });
    expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
    const read = async (): Promise<unknown[]> =>
      jsonLines((await client.call('get_scan_results', { task_id: json.task_id })).text);
    const lines = await read();
    expect(lines.length).toBeGreaterThan(10);
    expect((await client.call('get_scan_summary', { task_id: json.task_id })).json).toMatchObject({
      task_id: json.task_id,
    });
    // a host that lost its copies fetches them again
    const copies = join(here.DATA_DIR ?? '', String(json.task_id));
    expect(await readdir(copies)).toContain('scan_native.nessus');
    await rm(copies, { recursive: true });
    expect(await read()).toEqual(lines);
    // what went is said to have gone
    for (const [name, value] of Object.entries(s3?.environment ?? {})) vi.stubEnv(name, value);
    using bucket = openBucket({ url: here.RESULTS_URL ?? '' });
    const keys: string[] = [];
    for await (const key of bucket.list('')) keys.push(key);
    await bucket.remove(keys);
    await rm(copies, { recursive: true });
    expect((await client.call('get_scan_results', { task_id: json.task_id })).json).toMatchObject({
      status_code: 404,
      message: expect.stringContaining('no longer stored'),
    });
    expect([await worker.stop(), await api.stop()]).toEqual([0, 0]);
  });

  test('a bucket that is away ends no scan', async () => {
    await using s = await openBucketStage(20);
    const [here, there] = s.hosts;
    await using started = await startApiAndWorker(here, {}, there);
    const { worker, client } = started;
    const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'away' });
    await worker.says(/scan created/);
    await s3?.stop();
    try {
      const refused = await runApp('admin-cli', ['doctor', '--json'], { environment: here });
      expect(refused.stdout).toMatch(/The bucket s3:\/\/exports\/\w+ does not answer/);
    } finally {
      await s3?.start();
    }
    expect(await untilFinal(client, json.task_id)).toMatchObject({ status: 'completed' });
    expect(s.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
  });

  test.for([
    [{ RESULTS_URL: 's3://missing/x' }, 'RESULTS_URL: The bucket s3://missing/x does not exist; create it'],
    [{ AWS_SECRET_ACCESS_KEY: 'wrong' }, 'refuses the secret of AWS_SECRET_ACCESS_KEY'],
    [{ AWS_ACCESS_KEY_ID: 'test:reader', AWS_SECRET_ACCESS_KEY: 'reading' }, 'refuses these credentials'],
    [{ RESULTS_URL: 'https://exports' }, 'RESULTS_URL must be s3://BUCKET or s3://BUCKET/PREFIX'],
    [{ RESULTS_ENCRYPTION: 'rot13' }, 'RESULTS_ENCRYPTION must be AES256, aws:kms or aws:kms:KEY'],
  ] as const)('%j ends the start with what is wrong', async ([changed, what]) => {
    await using s = await openBucketStage(60);
    const { code, stderr } = await runApp('worker', [], { environment: { ...s.hosts[0], ...changed } });
    expect(code).not.toBe(0);
    expect(stderr).toContain(what);
    expect(stderr).not.toContain('testing');
  });
});
