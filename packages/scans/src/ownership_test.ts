import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { getPoolStatus, importScan, readMetrics } from './mod.ts';
import { scansOfOthers } from './ownership.ts';
import { callerOf, type StageOptions, stage } from './scans_test_stage.ts';

const URL_OF_S1 = 'http://127.0.0.1:9';
const alice = callerOf('alice', 'scan');
const bob = callerOf('bob', 'scan');

describe('whose a scan on a scanner is', () => {
  test('outlives its task', async () => {
    await using s = await stage();
    const { task } = await s.submit(alice);
    const { owners } = s.services.tasks;
    await owners.note(`${URL_OF_S1}/`, 7, task);
    await s.services.tasks.remove(task.task_id);
    const others = (caller: typeof alice): Promise<ReadonlySet<number>> =>
      scansOfOthers(s.services, { url: URL_OF_S1 }, caller);
    expect(await others(bob)).toEqual(new Set([7]));
    expect(await others(alice)).toEqual(new Set());
    expect(await others(callerOf('root', 'admin'))).toEqual(new Set());
    await owners.forget(URL_OF_S1, 7);
    expect(await others(bob)).toEqual(new Set());
  });

  test('is the same in every pool that has the scanner, also by a task that is older than the record', async () => {
    await using s = await stage({ pools: ['nessus', 'nessus_dmz'] });
    const { task } = await s.submit(alice, { scanner_pool: 'nessus_dmz' });
    await s.services.tasks.change(task.task_id, undefined, (before) => ({
      ...before,
      scanner_instance_id: 's1',
      nessus_scan_id: 8,
    }));
    expect(await scansOfOthers(s.services, { url: URL_OF_S1 }, bob)).toEqual(new Set([8]));
    expect(await scansOfOthers(s.services, { url: 'http://127.0.0.1:10' }, bob)).toEqual(new Set());
  });

  test('is not the token of the same name, for a subject of the authorization server', async () => {
    await using s = await stage();
    const subject = callerOf('oauth:alice', 'scan');
    const { task } = await s.submit(alice, { idempotency_key: 'k' });
    const theirs = await s.submit(subject, { idempotency_key: 'k' });
    expect([theirs.outcome, theirs.task.owner]).toEqual(['queued', 'oauth:alice']);
    await s.services.tasks.owners.note(URL_OF_S1, 7, task);
    expect(await scansOfOthers(s.services, { url: URL_OF_S1 }, subject)).toEqual(new Set([7]));
  });

  test('and keys of callers do not meet, whatever stands in names and keys', async () => {
    await using s = await stage();
    await s.submit(callerOf('oauth', 'scan'), { idempotency_key: 'alice:k' });
    expect((await s.submit(callerOf('oauth:alice', 'scan'), { idempotency_key: 'k' })).outcome).toBe(
      'queued',
    );
  });
});

describe('an import', () => {
  const report = (...hosts: string[]): string =>
    `<NessusClientData_v2><Report name="r">${hosts.join('')}</Report></NessusClientData_v2>`;
  const host = (name: string, ip = ''): string =>
    `<ReportHost name="${name}"><HostProperties>${ip && `<tag name="host-ip">${ip}</tag>`}</HostProperties><ReportItem port="22" svc_name="ssh" protocol="tcp" severity="3" pluginID="7" pluginName="P" pluginFamily="F"/></ReportHost>`;

  async function importing(
    text: string,
    policy: string,
  ): Promise<{ denied?: string; audited: object[]; left: number }> {
    await using folder = await tempFolder();
    await mkdir(folder.path, { recursive: true });
    await writeFile(join(folder.path, 'a.nessus'), text);
    const options: StageOptions = { policy, services: { importDir: folder.path } };
    await using s = await stage(options);
    const input = { file: 'a.nessus', scanner_pool: 'nessus' };
    const denied = await importScan(s.services, alice, input).then(
      () => undefined,
      (error: Error) => error.message,
    );
    const left = (await s.services.tasks.list()).length;
    return { ...(denied === undefined ? {} : { denied }), audited: await s.audited(), left };
  }

  test.each([
    [
      'an address that may not be scanned',
      host('8.8.8.8'),
      '{}',
      /not allow importing "8\.8\.8\.8": the default/,
    ],
    [
      'a name that is one',
      host('web.example', '8.8.8.8'),
      '{}',
      /"web\.example\[8\.8\.8\.8\]" \(8\.8\.8\.8\)/,
    ],
    [
      'what is denied',
      host('10.0.0.7'),
      'default:\n  deny: [10.0.0.0/24]\n',
      /default\.deny: 10\.0\.0\.0\/24/,
    ],
    [
      'what the import list leaves out',
      host('10.0.0.7'),
      'default:\n  import: [10.1.0.0/16]\n',
      /default\.import does not include/,
    ],
    [
      'a name that has no address',
      host('gone.example'),
      'default:\n  import: [10.0.0.0/24]\n',
      /default\.import does not include/,
    ],
    ['one host among others', host('10.0.0.1') + host('8.8.4.4'), '{}', /8\.8\.4\.4/],
  ])('of %s is denied, audited, and leaves nothing', async (_name, hosts, policy, why) => {
    const { denied, audited, left } = await importing(report(hosts), policy);
    expect(denied).toMatch(why);
    expect(audited).toMatchObject([{ action: 'scan.import', caller: 'alice', decision: 'denied' }]);
    expect(left).toBe(0);
  });

  test.each([
    ['what may be scanned', host('10.0.0.7') + host('WORK STATION', '10.0.0.8'), '{}'],
    ['what only imports may be about', host('8.8.8.8'), 'default:\n  import: [8.8.8.0/24]\n'],
    [
      'anything outside the hours of scans',
      host('10.0.0.7'),
      'default:\n  windows: [{days: [mon], from: "00:00", to: "00:01"}]\n',
    ],
  ])('of %s is allowed', async (_name, hosts, policy) => {
    expect(await importing(report(hosts), policy)).toMatchObject({
      audited: [{ action: 'scan.import', decision: 'allowed' }],
      left: 1,
    });
  });

  test('is no scan of today', async () => {
    await using folder = await tempFolder();
    await writeFile(join(folder.path, 'a.nessus'), report(host('10.0.0.1'), host('10.0.0.2')));
    const policy = 'default:\n  max_hosts_per_day: 16\n';
    await using s = await stage({ policy, services: { importDir: folder.path } });
    await importScan(s.services, alice, { file: 'a.nessus', scanner_pool: 'nessus' });
    expect((await s.submit(alice)).outcome).toBe('queued'); // sixteen addresses
  });
});

describe('metrics', () => {
  test('need the scope read, and show the pools of the token', async () => {
    await using s = await stage({ pools: ['nessus', 'nessus_dmz'] });
    s.services.metrics.beginAtZero({
      pools: ['nessus', 'nessus_dmz'],
      scanners: ['nessus:s1', 'nessus_dmz:s1'],
    });
    const none = { name: 'oauth:x', scopes: [] };
    await expect(readMetrics(s.services, none, {})).rejects.toMatchObject({ code: 'policy_denied' });
    const all = await readMetrics(s.services, callerOf('prometheus', 'read'), {});
    expect(all).toContain('nessus_dmz');
    const some = await readMetrics(s.services, callerOf('team', 'read', ['nessus']), {});
    expect(some).not.toContain('nessus_dmz');
    expect(some).toContain('nessus_pool_queue_depth{pool="nessus"} 0');
    expect(some).toContain('nmcp_store_up 1');
    // as one that there is not
    expect(
      await getPoolStatus(s.services, callerOf('team', 'read', ['nessus']), { scanner_pool: 'nessus_dmz' }),
    ).toMatchObject({ total_scanners: 0, scanners: [], note: expect.stringContaining('is not configured') });
  });
});

test('a record says in words whose it is, for people', async () => {
  await using s = await stage();
  const { task } = await s.submit(alice);
  await s.services.tasks.owners.note('https://scanner.example:8834', 7, task);
  const folder = join(s.services.tasks.dataDir, '.scan-owners', 'scanner.example_8834');
  const [name = ''] = await readdir(folder);
  expect(JSON.parse(await readFile(join(folder, name), 'utf8'))).toEqual({
    owner: 'alice',
    task_id: task.task_id,
  });
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
});
