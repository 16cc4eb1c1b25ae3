import { readFile, writeFile } from 'node:fs/promises';
import { parseScannerReport } from '@nmcp/registry';
import { describe, expect, test } from 'vitest';
import { operations } from './admin_operations.ts';
import { runApp } from './app_process.ts';
import { untilFinal } from './mcp_client.ts';
import { openStage, STORES } from './stage.ts';

describe.each(STORES)('nmcp-admin on %s, while all runs', (store) => {
  test('drains a scanner, which gets nothing new until it is resumed', async () => {
    await using o = await operations(store);
    expect(await o.ask('scanners', 'list')).toMatchObject([{ instance_id: 's1', drained: false }]);
    expect(await o.ask('scanners', 'test')).toMatchObject([
      { scanner: 'nessus:s1', state: 'ok', inspection: { startsScans: true } },
    ]);
    expect(await o.ask('scanners', 'drain', 's1')).toMatchObject({ changed: true });
    expect(await o.ask('scanners', 'drain', 'nessus:s1')).toMatchObject({ changed: false });
    expect((await o.admin('scanners', 'list')).stdout).toContain('drained');
    const id = await o.submit('waits');
    expect((await o.client.call('list_scanners')).json).toMatchObject({
      scanners: [{ available_capacity: 0, drained: true }],
    });
    expect(o.stage.simulator.counts().created).toBe(0);
    expect((await o.admin('scanners', 'resume', 's1')).stdout).toContain('is in service');
    expect(await untilFinal(o.client, id)).toMatchObject({ status: 'completed' });
    const report = `${o.stage.dataDir}.report.json`;
    expect(await o.admin('scanners', 'record', 's1', '-o', report)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/Nessus Manager .*calls answered/),
    });
    expect(parseScannerReport(await readFile(report, 'utf8'), report)).toMatchObject({ isEdited: false });
    expect(await o.admin('scanners', 'record', 's1', '-o', report)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('exists; name another file'),
    });
    expect(await o.admin('scanners', 'test', 'nobody')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('there are nessus:s1'),
    });
  });

  test('keeps house, reconciles, and finds nothing wrong', async () => {
    await using o = await operations(store);
    const id = await o.submit('old');
    await untilFinal(o.client, id);
    const day = {
      ...o.stage.environment,
      NESSUS_SCAN_RETENTION_HOURS: '0.00001',
      COMPLETED_TTL_DAYS: '0.0000001',
    };
    const keep = async (...args: string[]) =>
      JSON.parse(
        (await runApp('admin-cli', ['housekeeping', 'run', '--json', ...args], { environment: day })).stdout,
      );
    expect(await keep('--dry-run')).toMatchObject({ dry_run: true, scans: [{ task_id: id }], expired: [id] });
    expect(o.stage.simulator.scans()).toHaveLength(1);
    expect((await runApp('admin-cli', ['housekeeping', 'run'], { environment: day })).code).toBe(2); // nobody can be asked
    expect(await keep('--yes')).toMatchObject({ scans: [{ task_id: id }], expired: [id], problems: [] });
    expect(o.stage.simulator.scans()).toHaveLength(0);
    expect(await o.admin('tasks', 'show', id)).toMatchObject({ code: 4 });
    expect(await o.ask('reconcile', '--dry-run')).toMatchObject({ requeued: [], adopted: [], problems: [] });
    const findings = (await o.ask('doctor')) as { check: string; state: string }[];
    expect(findings.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['disk', 'access', 'queue', 'clock', 'policy', 'scanner nessus:s1', 'tasks']),
    );
    expect((await o.admin('top')).stdout).toMatch(/scanner +state +load[\s\S]*nessus:s1 +ok/);
  });

  test('lists scans that wait for a yes, approves one and refuses another', async () => {
    await using o = await operations(store, 300, 'default: {approval: {hosts_above: 1, by: operator}}');
    const [yes, no] = [await o.submit('yes'), await o.submit('no')];
    expect(await o.ask('approvals')).toMatchObject([{ task_id: no }, { task_id: yes }]);
    expect((await o.admin('approvals')).stdout).toContain(yes);
    expect(await o.admin('approve', yes)).toMatchObject({ code: 2 }); // nobody can be asked
    expect(await o.ask('approve', yes, '--yes')).toMatchObject({ approval: 'approved' });
    expect(await o.ask('refuse', no)).toMatchObject({ approval: 'refused' });
    expect(await untilFinal(o.client, yes)).toMatchObject({ status: 'completed' });
    expect(await untilFinal(o.client, no)).toMatchObject({ status: 'failed' });
    expect(await o.ask('audit', 'verify')).toMatchObject({ valid: true });
    expect(await o.ask('policy', 'check', '10.0.0.1')).toMatchObject({ allowed: true });
  });

  test('says what is wrong, and what to do', async () => {
    await using stage = await openStage(store, {});
    await stage.simulator.close();
    const away = await runApp('admin-cli', ['doctor'], { environment: stage.environment });
    expect(away.code).toBe(1);
    expect(away.stdout).toMatch(/failed +scanner nessus:s1: https:.*\n +Check url, login and tls/);
    await writeFile(stage.config, 'nessus: [{instance_id: x}]\n');
    const broken = await runApp('admin-cli', ['doctor'], { environment: stage.environment });
    expect(broken).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/failed +configuration: .*scanners\.yaml:1: nessus\.0\.url/),
    });
    const open = await runApp('admin-cli', ['doctor', '--json'], {
      environment: { ...stage.environment, HOST: '0.0.0.0' },
    });
    expect(open.stdout).toContain('nmcp-admin token create');
  });
});
