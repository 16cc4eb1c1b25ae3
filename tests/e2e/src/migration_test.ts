import { cp, mkdir, writeFile } from 'node:fs/promises';
import { findRedisServer } from '@nmcp/test-support';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';
import { startApiAndWorker } from './api_and_worker.ts';
import { runApp, serveSimulated } from './app_process.ts';
import { connect, jsonLines, untilFinal } from './mcp_client.ts';
import { openStage } from './stage.ts';

/** As Python's datetime.utcnow().isoformat() writes it. */
const pythonTime = (hoursAgo: number): string =>
  new Date(Date.now() - hoursAgo * 3_600_000).toISOString().replace(/Z$/, '456');

const IDS = {
  done: 'ne_scan_20251201_143022_a1b2c3d4',
  failed: 'ne_scan_20251201_150000_0badcafe',
  running: 'nessus-s1-20251126-abc123',
  queued: 'ne_scan_20251202_080000_12345678',
  dead: 'ne_scan_20251202_090000_deadbeef',
};

describe.skipIf(findRedisServer() === undefined)('what v3.0 left', () => {
  test('is read, goes on and is served; docs/migrating.md says how', async () => {
    await using s = await openStage('redis', { speed: 300 });
    const redis = await createClient({ url: s.environment.REDIS_URL ?? '' }).connect();

    // a finished scan of ours gives the .nessus file that v3.0 would have stored
    await using first = await serveSimulated([], { DATA_DIR: `${s.dataDir}-first` });
    await using firstClient = await connect(first.url);
    const made = (await firstClient.call('run_untrusted_scan', { targets: '192.0.2.0/29', name: 'n' })).json;
    await untilFinal(firstClient, made.task_id);
    // and v3.0's worker has started a scan that still runs on the scanner
    const scanId = s.simulator.startByHand({ name: 'running', targets: '192.0.2.8/29' });

    const task = (id: string, content: object): object => ({
      task_id: id,
      trace_id: `trace-${id}`,
      scan_type: 'untrusted',
      scanner_type: 'nessus',
      scanner_instance_id: 's1',
      scanner_pool: 'nessus',
      payload: { targets: '192.0.2.0/29', name: id, description: '', schema_profile: 'brief' },
      created_at: pythonTime(30),
      started_at: null,
      completed_at: null,
      nessus_scan_id: null,
      error_message: null,
      validation_stats: null,
      validation_warnings: null,
      authentication_status: null,
      ...content,
    });
    const ended = { started_at: pythonTime(29), completed_at: pythonTime(28) };
    const stats = {
      hosts_scanned: 5,
      total_vulnerabilities: 12,
      severity_counts: { critical: 1, high: 2, medium: 3, low: 6, info: 40 },
      file_size_bytes: 123_392,
      auth_plugins_found: ['51192'],
    };
    const left: Record<string, object> = {
      [IDS.done]: {
        ...ended,
        status: 'completed',
        nessus_scan_id: 7,
        validation_stats: stats,
        authentication_status: 'success',
      },
      [IDS.failed]: { ...ended, status: 'failed', error_message: 'Scanner unreachable' },
      [IDS.running]: { status: 'running', started_at: pythonTime(1), nessus_scan_id: scanId },
      [IDS.queued]: { status: 'queued' },
      [IDS.dead]: { status: 'failed', completed_at: pythonTime(1), error_message: 'Max retries' },
    };
    for (const [id, content] of Object.entries(left)) {
      await mkdir(`${s.dataDir}/${id}`, { recursive: true });
      await writeFile(`${s.dataDir}/${id}/task.json`, JSON.stringify(task(id, content), null, 2));
    }
    await cp(
      `${s.dataDir}-first/${String(made.task_id)}/scan_native.nessus`,
      `${s.dataDir}/${IDS.done}/scan_native.nessus`,
    );
    const entry = (id: string): object => ({
      task_id: id,
      trace_id: `trace-${id}`,
      scan_type: 'untrusted',
      scanner_pool: 'nessus',
      scanner_instance_id: null,
      payload: { targets: '192.0.2.0/29', name: id, description: '' },
    });
    await redis.lPush('nessus:queue', JSON.stringify(entry(IDS.queued)));
    await redis.zAdd('nessus:queue:dead', {
      score: Date.now() / 1000 - 3600,
      value: JSON.stringify({
        ...entry(IDS.dead),
        error: 'Max retries',
        failed_at: pythonTime(1),
        scanner_pool: 'nessus',
      }),
    });
    await redis.set(
      'idemp:weekly',
      JSON.stringify({ task_id: IDS.done, request_hash: 'f'.repeat(64), created_at: pythonTime(30) }),
      { EX: 100_000 },
    );

    await using started = await startApiAndWorker(s.environment);
    const { client } = started;
    const status = async (id: string): Promise<Record<string, unknown>> =>
      (await client.call('get_scan_status', { task_id: id })).json;

    // finished ones are served
    expect(await status(IDS.done)).toMatchObject({
      status: 'completed',
      results_summary: {
        hosts_scanned: 5,
        severity_breakdown: { critical: 1, high: 2, medium: 3, low: 6, info: 40 },
        file_size_kb: 120.5,
        auth_plugins_found: 1,
      },
    });
    expect(
      jsonLines((await client.call('get_scan_results', { task_id: IDS.done })).text).length,
    ).toBeGreaterThan(10);
    expect(await status(IDS.failed)).toMatchObject({
      status: 'failed',
      error_message: 'Scanner unreachable',
    });
    // queued ones run, and what ran under v3.0 is followed to its end, on the scan that it had
    expect(await untilFinal(client, IDS.queued)).toMatchObject({ status: 'completed' });
    expect(await untilFinal(client, IDS.running)).toMatchObject({
      status: 'completed',
      nessus_scan_id: scanId,
    });
    expect(s.simulator.counts()).toMatchObject({ created: 2, launched: 2 });
    // dead letters are there, and run again
    const admin = (...args: string[]) => runApp('admin-cli', args, { environment: s.environment });
    expect((await admin('list-dlq')).stdout).toContain(IDS.dead);
    expect((await admin('retry-dlq', IDS.dead, '-y')).stdout).toContain(`retries ${IDS.dead}`);
    // a key of v3.0's time is remembered; its hash was of v3.0's making, so the answer is a conflict, and no second scan
    const repeat = await client.call('run_untrusted_scan', {
      targets: '192.0.2.0/29',
      name: 'again',
      idempotency_key: 'weekly',
    });
    expect(repeat).toMatchObject({ isError: true, json: { status_code: 409 } });
    // housekeeping leaves scans alone that carry no mark of ours
    const house = JSON.parse(
      (
        await runApp('admin-cli', ['housekeeping', 'run', '--yes', '--json'], {
          environment: { ...s.environment, NESSUS_SCAN_RETENTION_HOURS: '0.00001' },
        })
      ).stdout,
    );
    expect(house.problems).toEqual([]);
    expect(s.simulator.scans().map(({ id }) => id)).toContain(scanId);
    expect((await admin('doctor')).code).toBe(0);
    redis.destroy();
  });
});
