import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { appPath, type CommandResult, runApp, startApp } from './app_process.ts';
import { openStage, STORES, type Stage, type Store } from './stage.ts';
import { hasTerminal, openTerminal } from './terminal.ts';

/** A worker at work, and nmcp-admin beside it. */
interface Site extends AsyncDisposable {
  stage: Stage;
  environment: Record<string, string>;
  admin(...args: string[]): Promise<CommandResult>;
}

async function openSite(store: Store, more: { policy?: string; speed?: number } = {}): Promise<Site> {
  const stage = await openStage(store, { speed: more.speed ?? 300 });
  const folder = join(stage.dataDir, '..');
  const environment = { ...stage.environment, CREDENTIALS_FILE: join(folder, 'credentials.yaml') };
  await writeFile(
    environment.CREDENTIALS_FILE,
    'linux-prod:\n  ssh: {username: audit, password: planted-secret}\n',
    { mode: 0o600 },
  );
  if (more.policy) {
    Object.assign(environment, { POLICY_FILE: join(folder, 'policy.yaml') });
    await writeFile(join(folder, 'policy.yaml'), more.policy);
  }
  const worker = startApp('worker', [], environment);
  await worker.says(/working/);
  return {
    stage,
    environment,
    admin: (...args) => runApp('admin-cli', args, { environment }),
    async [Symbol.asyncDispose]() {
      await worker.stop();
      await stage[Symbol.asyncDispose]();
    },
  };
}

describe.each(STORES)('nmcp-admin scan, with the queue on %s', (store) => {
  test('submits, says how to follow it, and with --wait shows the summary', async () => {
    await using site = await openSite(store);
    const { code, stdout } = await site.admin('scan', '192.0.2.0/29');
    const [, id = ''] =
      /^(ne_scan_\S+) is queued\. Follow it with: nmcp-admin tasks watch \1\n$/.exec(stdout) ?? [];
    expect([code, id]).toEqual([0, expect.stringMatching(/^ne_scan_/)]);
    expect(JSON.parse((await site.admin('tasks', 'show', id, '--json')).stdout)).toMatchObject({
      owner: 'local',
      payload: { name: 'Scan of 192.0.2.0/29', targets: '192.0.2.0/29' },
    });
    const waited = await site.admin('scan', '192.0.2.0/28', '--name', 'Office', '--wait');
    expect(waited.code).toBe(0);
    expect(waited.stdout).toMatch(
      /^ne_scan_\S+ is completed\.\n\d+ findings on \d+ hosts: \d+ critical, [^\n]+ info\.\n.*worst hosts.*worst findings/s,
    );
    expect(waited.stderr).toMatch(/is queued.*running\n.*completed\n/s);
    const asJson = await site.admin('scan', '192.0.2.0/28', '--wait', '--json');
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      status: 'completed',
      error_message: null,
      summary: { findings: expect.any(Number), severity_breakdown: { critical: expect.any(Number) } },
    });
    expect(await readFile(`${site.stage.dataDir}/.audit.jsonl`, 'utf8')).toContain('"scan.submit"');
  }, 60_000);

  test('interrupted while it waits, it says how to follow the scan, which goes on', async () => {
    await using site = await openSite(store, { speed: 30 });
    const child = spawn(process.execPath, [appPath('admin-cli'), 'scan', '192.0.2.0/28', '--wait'], {
      env: { PATH: process.env.PATH ?? '', HOME: '/tmp', ...site.environment },
    });
    let errors = '';
    child.stdout.resume();
    const isRunning = new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk) => {
        errors += chunk;
        if (errors.includes('running')) resolve();
      });
    });
    await isRunning;
    child.kill('SIGINT');
    await once(child, 'exit');
    const [, id = ''] =
      /The scan continues\. Follow it with: nmcp-admin tasks watch (\S+)\n$/.exec(errors) ?? [];
    expect([child.exitCode, id]).toEqual([130, expect.stringMatching(/^ne_scan_/)]);
    expect((await site.admin('tasks', 'watch', id)).stdout).toMatch(/completed\n$/);
    expect(site.stage.simulator.counts()).toMatchObject({ created: 1 });
  }, 60_000);
});

describe('nmcp-admin scan', () => {
  test('has the rules of every other way in', async () => {
    await using site = await openSite('embedded', {
      policy: 'default:\n  deny: [192.0.2.200]\n  approval: {credentialed: true, by: operator}\n',
    });
    const cases: [string[], number, RegExp][] = [
      [['192.0.2.200'], 6, /does not allow scanning "192\.0\.2\.200": default\.deny/],
      [['10.0.0.0/33'], 2, /10\.0\.0\.0\/33/],
      [['192.0.2.1', '--pool', 'nowhere'], 4, /"nowhere" was not found; the pools are nessus/],
      [
        ['192.0.2.1', '--credential-ref', 'nobody'],
        4,
        /You have no credentials "nobody".*available are: linux-prod/,
      ],
      [['192.0.2.1', '--name', ''], 2, /name is empty/],
    ];
    for (const [args, code, said] of cases) {
      const answer = await site.admin('scan', ...args);
      expect([args, answer.code, answer.stderr]).toEqual([args, code, expect.stringMatching(said)]);
    }
    // nobody can be asked here, so it waits
    const waits = await site.admin('scan', '192.0.2.1', '--credential-ref', 'linux-prod');
    expect(waits.stdout).toMatch(
      /^(\S+) is waiting for approval\. Approve it with: nmcp-admin approve \1\n$/,
    );
    const approved = await site.admin(
      'scan',
      '192.0.2.1',
      '--credential-ref',
      'linux-prod',
      '--yes',
      '--wait',
    );
    expect([approved.code, approved.stdout]).toEqual([0, expect.stringMatching(/is completed/)]);
    expect(approved.stdout).toMatch(/Credentials worked on \d+ hosts/);
    const audit = await readFile(`${site.stage.dataDir}/.audit.jsonl`, 'utf8');
    expect(audit).toContain('local (asked in a terminal)');
    expect(audit).not.toContain('planted-secret');
  }, 60_000);
});

describe.skipIf(!hasTerminal())('on a terminal', () => {
  test('nmcp-admin scan --wait draws a progress bar, and asks for approval', async () => {
    await using site = await openSite('embedded', {
      speed: 30,
      policy: 'default:\n  approval: {hosts_above: 4}\n',
    });
    using terminal = openTerminal('admin-cli', ['scan', '192.0.2.0/28', '--wait'], site.environment);
    await terminal.shows(/This scan needs approval: it has 16 addresses.*Approve it\? \[y\/N\]/s);
    terminal.type('y', 'Enter');
    await terminal.shows(/[█░]+ +\d+ % +running/);
    expect(await terminal.shows(/ended with 0/)).toMatch(/is completed\.\s+\d+ findings on/);
  }, 60_000);
});
