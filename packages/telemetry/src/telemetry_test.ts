import { describe, expect, test } from 'vitest';
import { checkHealth, createLogger, createMetrics, SecretValues } from './mod.ts';

describe('metrics', () => {
  const reading = {
    activeScans: 1,
    storeSeconds: 0.001,
    skewSeconds: 0,
    scanners: [
      {
        key: 'nessus:s1',
        type: 'nessus',
        enabled: true,
        active: 1,
        capacity: 2,
        utilizationPct: 50,
        circuit: 'open' as const,
      },
    ],
    pools: [{ name: 'nessus', queueDepth: 3, dlqDepth: 2, capacity: 2, active: 1 }],
  };

  test("have v3.0's names and labels", async () => {
    const text = await createMetrics().expose(async () => reading);
    for (const line of [
      'nessus_active_scans 1',
      'nessus_scanner_instances{scanner_type="nessus",enabled="true"} 1',
      'nessus_queue_depth{queue="main"} 3',
      'nessus_queue_depth{queue="dead"} 2',
      'nessus_dlq_size 2',
      'nessus_scanner_active_scans{scanner_instance="nessus:s1"} 1',
      'nessus_scanner_capacity{scanner_instance="nessus:s1"} 2',
      'nessus_scanner_utilization_pct{scanner_instance="nessus:s1"} 50',
      'nessus_circuit_state{scanner_instance="nessus:s1"} 1',
      'nessus_pool_total_capacity 2',
      'nessus_pool_total_active 1',
      'nmcp_pool_active{pool="nessus"} 1',
      'nessus_pool_queue_depth{pool="nessus"} 3',
      'nessus_pool_dlq_depth{pool="nessus"} 2',
      'nessus_task_duration_seconds_bucket{le="14400"} 0',
    ]) {
      expect(text).toContain(`${line}\n`);
    }
  });

  test('say how the network stands, by zone, and forget a zone that has gone', async () => {
    const metrics = createMetrics();
    const none = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
    const counts = {
      open: { ...none, high: 4 },
      overdue: { ...none, high: 1 },
      days_open: { ...none, high: 10 },
    };
    const zones = { dmz: { ...counts, kev: 2, assets: 5, assets_covered: 3, logins: { success: 1 } } };
    const text = await metrics.expose(async () => ({ ...reading, zones }));
    for (const line of [
      'nmcp_inventory_open_findings{zone="dmz",severity="high"} 4',
      'nmcp_inventory_overdue_findings{zone="dmz",severity="high"} 1',
      'nmcp_inventory_open_days{zone="dmz",severity="high"} 2.5',
      'nmcp_inventory_kev_findings{zone="dmz"} 2',
      'nmcp_inventory_assets{zone="dmz",state="known"} 5',
      'nmcp_inventory_assets{zone="dmz",state="covered"} 3',
      'nmcp_inventory_assets{zone="dmz",state="logged_in"} 1',
    ])
      expect(text).toContain(`${line}\n`);
    expect(await metrics.expose(async () => reading)).toContain('zone="dmz"'); // it did not answer
    expect(await metrics.expose(async () => ({ ...reading, zones: {} }))).not.toContain('zone="dmz"');
  });

  test('answer when the stores do not', async () => {
    const metrics = createMetrics();
    await metrics.expose(async () => reading);
    expect(await metrics.expose(() => Promise.reject(new Error('down')))).toContain('nessus_active_scans 1');
  });

  test('forget what a reload removed', async () => {
    const metrics = createMetrics();
    await metrics.expose(async () => reading);
    expect(
      await metrics.expose(async () => ({
        activeScans: 0,
        storeSeconds: 0,
        skewSeconds: 0,
        scanners: [],
        pools: [],
      })),
    ).not.toContain('nessus:s1');
  });
});

test('a failed check makes the report unhealthy and says why', async () => {
  const report = await checkHealth({ good: async () => {}, bad: () => Promise.reject(new Error('no disk')) });
  expect(report).toMatchObject({
    status: 'unhealthy',
    checks: { good: true, bad: false },
    errors: { bad: 'no disk' },
  });
});

test('secrets do not reach the log', () => {
  const lines: string[] = [];
  const log = createLogger({ app: 't', stream: { write: (line) => lines.push(line) } });
  log.info(
    { payload: { credentials: { password: 'hunter2' }, ssh_password: 'hunter2' }, token: 'hunter2' },
    'x',
  );
  expect(lines.join()).not.toContain('hunter2');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'info', app: 't', msg: 'x' });
});

test('a known secret stands in no line, whoever wrote it there and however it is escaped', () => {
  const lines: string[] = [];
  const secrets = new SecretValues();
  const secret = 'pa"ss/w?rd+1';
  secrets.add(secret, undefined, 'nessus');
  const log = createLogger({ app: 'test', secrets, stream: { write: (line) => lines.push(line) } });
  log.info({ url: `https://u:${encodeURIComponent(secret)}@host/` }, `connected with ${secret}`);
  log.error({ err: new Error(`{"password":${JSON.stringify(secret)}}`), short: 'nessus' }, 'failed');
  const text = lines.join('');
  for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
    expect(text).not.toContain(form);
  expect(text).toContain('nessus'); // too short to be told from other text
  for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  expect(lines[0]).toContain('[redacted]');
});
