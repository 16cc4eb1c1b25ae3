import { expect, test } from 'vitest';
import { jsonLines, untilFinal } from './mcp_client.ts';
import { describeEveryClient, sharedServer } from './shared_server.ts';

const server = sharedServer();

const NINE = [
  'run_untrusted_scan',
  'run_authenticated_scan',
  'get_scan_status',
  'get_scan_results',
  'list_tasks',
  'list_scanners',
  'list_pools',
  'get_pool_status',
  'get_queue_status',
];

describeEveryClient(server, (client, connect) => {
  test('sees all nine tools of v3.0', async () => {
    expect(await client.tools()).toEqual(expect.arrayContaining(NINE));
  });

  test('runs a scan and reads its findings', async () => {
    const submitted = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'weekly' });
    expect(submitted.json).toEqual({
      task_id: expect.stringMatching(/^ne_scan_/),
      trace_id: expect.any(String),
      status: 'queued',
      scan_type: 'untrusted',
      scanner_pool: 'nessus',
      scanner_instance: 'simulated',
      scanner_url: expect.stringMatching(/^https:/),
      queue_position: expect.any(Number),
      estimated_wait_minutes: expect.any(Number),
      message: expect.any(String),
    });
    const { task_id } = submitted.json;
    const status = await untilFinal(client, task_id);
    expect(status).toMatchObject({
      task_id,
      status: 'completed',
      scan_type: 'untrusted',
      scanner_pool: 'nessus',
      scanner_instance: 'simulated',
      targets: '192.0.2.0/28',
      name: 'weekly',
      progress: 100,
      authentication_status: 'not_applicable',
      validation_warnings: [],
      error_message: null,
      nessus_scan_id: expect.any(Number),
      results_summary: {
        hosts_scanned: expect.any(Number),
        total_vulnerabilities: expect.any(Number),
        severity_breakdown: { critical: expect.any(Number) },
        file_size_kb: expect.any(Number),
        auth_plugins_found: 0,
      },
    });
    const page = await client.call('get_scan_results', { task_id, page_size: 10 });
    const lines = jsonLines(page.text);
    expect(lines.map((line) => line.type)).toEqual([
      'schema',
      'scan_metadata',
      ...Array(10).fill('vulnerability'),
      'pagination',
    ]);
    const all = jsonLines(
      (
        await client.call('get_scan_results', {
          task_id,
          page: 0,
          schema_profile: 'full',
          filters: { severity: '>=3' },
        })
      ).text,
    );
    expect(all.slice(2).every((line) => Number(line.severity) >= 3)).toBe(true);
    expect(all[0]).toMatchObject({
      fields: 'all',
      filters_applied: { severity: '>=3' },
      total_vulnerabilities: all.length - 2,
    });
    const custom = jsonLines(
      (await client.call('get_scan_results', { task_id, custom_fields: ['host', 'port'] })).text,
    );
    expect(Object.keys(custom[2] ?? {})).toEqual(['type', 'host', 'port']);
  });

  test('runs a scan with credentials that fail, and is told what to do', async () => {
    const submitted = await client.call('run_authenticated_scan', {
      targets: '192.0.2.7',
      name: 'login',
      scan_type: 'authenticated',
      ssh_username: 'audit',
      ssh_password: 'wrong',
    });
    const status = await untilFinal(client, submitted.json.task_id);
    expect(status).toMatchObject({
      status: 'completed',
      authentication_status: 'failed',
      troubleshooting: { likely_cause: expect.any(String), next_steps: expect.any(Array) },
    });
  });

  test('reads a summary, counts by a field, and compares two scans', async () => {
    const { tasks } = (
      await client.call('list_tasks', { status_filter: 'completed', target_filter: '192.0.2.0/28' })
    ).json as { tasks: { task_id: string }[] };
    const ids = tasks.map(({ task_id }) => task_id);
    const summary = await client.call('get_scan_summary', { task_id: ids.at(-1) });
    expect(summary.json).toMatchObject({
      hosts: expect.any(Number),
      severity_breakdown: { critical: expect.any(Number) },
      top_hosts: expect.any(Array),
      authentication: { status: expect.any(String) },
    });
    const groups = (
      await client.call('get_scan_summary', {
        task_id: ids.at(-1),
        group_by: 'cve',
        filters: { severity: '>=3' },
        top: 2,
      })
    ).json.groups as unknown[];
    expect(groups).toHaveLength(2);
    expect(await client.call('get_scan_summary', { task_id: ids.at(-1), group_by: 'colour' })).toMatchObject({
      isError: true,
      json: { message: expect.stringContaining('expected one of severity, plugin') },
    });
    const comparison = await client.call('compare_scans', {
      earlier_task_id: ids.at(-1),
      later_task_id: ids.at(-1),
    });
    expect(comparison.json).toMatchObject({
      new: { total: 0 },
      fixed: { total: 0 },
      changed_severity: { total: 0 },
    });
  });

  test('lists tasks by state and by overlapping targets', async () => {
    const { json } = await client.call('list_tasks', {
      limit: 1,
      status_filter: 'completed',
      target_filter: '192.0.2.7',
      scanner_pool: 'nessus',
    });
    expect(json.tasks).toHaveLength(1);
    expect(json.total).toBeGreaterThanOrEqual(2);
    expect((await client.call('list_tasks', { target_filter: '10.0.0.0/8' })).json).toEqual({
      tasks: [],
      total: 0,
    });
  });

  test('sees scanners, pools and queues', async () => {
    expect((await client.call('list_pools')).json).toEqual({ pools: ['nessus'], default_pool: 'nessus' });
    expect((await client.call('list_scanners', { scanner_pool: 'nessus' })).json).toMatchObject({
      total: 1,
      pools: ['nessus'],
      scanners: [{ instance_key: 'nessus:simulated', max_concurrent_scans: 5 }],
    });
    expect((await client.call('get_pool_status')).json).toMatchObject({
      pool: 'nessus',
      scanner_type: 'nessus',
      total_scanners: 1,
      total_capacity: 5,
      utilization_pct: expect.any(Number),
    });
    expect((await client.call('get_queue_status')).json).toMatchObject({
      pool: 'nessus',
      queue_depth: 0,
      dlq_size: 0,
      next_tasks: [],
      timestamp: expect.stringMatching(/Z$/),
    });
  });

  test('repeats a submission by its key, in the argument or the header', async () => {
    const key = crypto.randomUUID();
    const request = { targets: '192.0.2.1', name: 'once' };
    const first = await client.call('run_untrusted_scan', { ...request, idempotency_key: key });
    await using withHeader = await connect(server.url, { 'x-idempotency-key': key });
    expect((await withHeader.call('run_untrusted_scan', request)).json).toMatchObject({
      task_id: first.json.task_id,
      idempotent: true,
    });
    const other = await withHeader.call('run_untrusted_scan', { ...request, name: 'twice' });
    expect(other).toMatchObject({ isError: true, json: { error: 'Conflict', status_code: 409 } });
    const both = await withHeader.call('run_untrusted_scan', { ...request, idempotency_key: 'another' });
    expect(both).toMatchObject({ isError: true, json: { message: expect.stringContaining('differ') } });
  });

  test('is told what is wrong with a question about results', async () => {
    const { tasks } = (
      await client.call('list_tasks', { status_filter: 'completed', target_filter: '192.0.2.0/28' })
    ).json as { tasks: { task_id: string }[] };
    const task_id = tasks[0]?.task_id;
    const refusals: [Record<string, unknown>, RegExp][] = [
      [{ schema_profile: 'full', custom_fields: ['host'] }, /are mutually exclusive/],
      [{ filters: { severity: '>worst' } }, /">worst" is not a severity; expected info, low/],
      [{ filters: { cvss_score: '>high' } }, /not an operator and a number/],
      [{ filters: { severrity: '3' } }, /did you mean "severity"/],
      [{ custom_fields: ['hosst'] }, /did you mean "host"/],
      [{ page: -1 }, /page/],
    ];
    for (const [args, why] of refusals) {
      expect(await client.call('get_scan_results', { task_id, ...args })).toMatchObject({
        isError: true,
        json: { status_code: 400, message: expect.stringMatching(why) },
      });
    }
    const beyond = jsonLines((await client.call('get_scan_results', { task_id, page: 9999 })).text);
    expect(beyond.at(-1)).toMatchObject({
      type: 'pagination',
      has_next: false,
      error: expect.stringContaining('beyond the end'),
    });
  });

  test('cancels a scan, once and again', async () => {
    const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'unwanted' });
    expect((await client.call('cancel_scan', { task_id: json.task_id })).json.outcome).toMatch(
      /canceled|requested/,
    );
    expect(await untilFinal(client, json.task_id)).toMatchObject({
      status: 'failed',
      failure_reason: 'canceled',
      error_message: 'Canceled on request',
    });
    expect((await client.call('cancel_scan', { task_id: json.task_id })).json).toMatchObject({
      outcome: 'ended',
      status: 'failed',
    });
  });

  test('cannot read results before the scan is completed', async () => {
    const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'early' });
    expect(await client.call('get_scan_results', { task_id: json.task_id })).toMatchObject({
      isError: true,
      json: {
        error: expect.stringMatching(/^Scan not completed yet \(status: (queued|running)\)$/),
        status: expect.stringMatching(/queued|running/),
        status_code: 409,
      },
    });
  });
});

test('/health and /metrics answer', async () => {
  expect(await (await fetch(`${server.url}/health`)).json()).toMatchObject({
    status: 'healthy',
    checks: { redis: true, filesystem: true },
  });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/nessus_scans_total\{scan_type="untrusted",status="completed"\} [1-9]/);
  expect(metrics).toMatch(/nessus_api_requests_total\{tool="get_scan_results",status="error"\} [1-9]/);
});
