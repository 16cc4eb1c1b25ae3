import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { startApiAndWorker } from './api_and_worker.ts';
import { type AppProcess, appPath, type CommandResult, runApp, startApp } from './app_process.ts';
import { type McpClient, untilFinal } from './mcp_client.ts';
import { openStage, STORES, type Stage, type Store } from './stage.ts';
import { hasTerminal, openTerminal } from './terminal.ts';

/** A stage with api and worker running, and nmcp-admin beside them. */
interface Operations extends AsyncDisposable {
  stage: Stage;
  client: McpClient;
  worker: AppProcess;
  admin(...args: string[]): Promise<CommandResult>;
  /** What a command prints with --json. */
  ask(...args: string[]): Promise<unknown>;
  submit(name: string): Promise<string>;
}

async function operations(store: Store, speed = 300, policy = 'default: {}'): Promise<Operations> {
  const stage = await openStage(store, { speed });
  await writeFile(`${stage.dataDir}.policy.yaml`, policy);
  stage.environment.POLICY_FILE = `${stage.dataDir}.policy.yaml`;
  const started = await startApiAndWorker(stage.environment);
  const { worker, client } = started;
  const admin = (...args: string[]): Promise<CommandResult> =>
    runApp('admin-cli', args, { environment: stage.environment });
  return {
    stage,
    client,
    worker,
    admin,
    async ask(...args) {
      const { code, stdout, stderr } = await admin(...args, '--json');
      if (stdout === '') throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    },
    async submit(name) {
      const { json, text } = await client.call('run_untrusted_scan', { targets: '192.0.2.0/29', name });
      if (typeof json.task_id !== 'string') throw new Error(text);
      return json.task_id;
    },
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    },
  };
}

describe.each(STORES)('nmcp-admin on %s, while all runs', (store) => {
  test('shows tasks, follows one, exports it and imports it again', async () => {
    await using o = await operations(store);
    const id = await o.submit('first');
    const watched = await o.admin('tasks', 'watch', id);
    expect(watched.code).toBe(0);
    expect(watched.stdout.trimEnd().split('\n').at(-1)).toBe('completed');
    expect(await o.ask('tasks', 'list')).toMatchObject({
      total: 1,
      tasks: [{ task_id: id, status: 'completed' }],
    });
    expect((await o.admin('tasks', 'list')).stdout).toContain(id);
    expect(await o.ask('tasks', 'list', '--status', 'failed')).toMatchObject({ total: 0 });
    expect(await o.ask('tasks', 'list', '--targets', '192.0.2.1')).toMatchObject({ total: 1 });
    expect(await o.ask('tasks', 'show', id)).toMatchObject({
      task_id: id,
      status: 'completed',
      in_queue: false,
      held_by: null,
    });
    expect((await o.admin('tasks', 'show', id)).stdout).toMatch(/status +completed/);

    const file = `${o.stage.dataDir}.nessus`;
    expect(await o.admin('export', id, '-o', file)).toMatchObject({ code: 0 });
    expect(await readFile(file, 'utf8')).toBe(
      await readFile(`${o.stage.dataDir}/${id}/scan_native.nessus`, 'utf8'),
    );
    expect((await o.admin('export', id, '--to', 'csv')).stdout.split('\n')[0]).toContain('Plugin ID');
    expect((await o.admin('export', id, '--to', 'jsonl')).stdout.split('\n')[0]).toContain('"type":"schema"');
    const imported = (await o.ask('import', file, '--name', 'again')) as { task_id: string };
    expect((await o.client.call('get_scan_summary', { task_id: imported.task_id })).isError).toBe(false);
  });

  test('cancels what waits and what runs, and runs it again', async () => {
    await using o = await operations(store, 5);
    await o.worker.stop();
    const waiting = await o.submit('waiting');
    expect(await o.ask('queue', 'peek')).toMatchObject([{ task_id: waiting }]);
    expect((await o.admin('queue', 'peek')).stdout).toContain(waiting);
    expect(await o.admin('tasks', 'cancel', waiting)).toMatchObject({ code: 2 }); // nobody can be asked
    expect(await o.ask('tasks', 'cancel', waiting, '--yes')).toMatchObject({ outcome: 'canceled' });
    expect(await o.ask('tasks', 'cancel', waiting, '--yes')).toMatchObject({ outcome: 'ended' });
    await using worker = startApp('worker', [], o.stage.environment);
    const running = await o.submit('running');
    await worker.says(/scan created/);
    const { held_by } = (await o.ask('tasks', 'show', running)) as { held_by: string };
    expect(held_by).toMatch(/-\d+$/);
    expect(await o.ask('tasks', 'cancel', running, '--yes')).toMatchObject({ outcome: 'requested' });
    expect(await untilFinal(o.client, running)).toMatchObject({ status: 'failed' });
    expect((await o.admin('tasks', 'watch', running)).code).toBe(1);
    expect(await o.ask('tasks', 'retry', running)).toMatchObject({ retry_of: running });
    expect(await o.admin('tasks', 'retry', 'ne_scan_20251201_143022_a1b2c3d4')).toMatchObject({ code: 4 });
  });

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

describe.skipIf(!hasTerminal()).each(STORES)('on a terminal, with the queue on %s', (store) => {
  test.each([
    [100, 30],
    [40, 15],
  ])('top draws %i columns and %i lines, live, and leaves the terminal as it was', async (columns, rows) => {
    await using o = await operations(store, 5);
    const { environment } = o.stage;
    using terminal = openTerminal('admin-cli', ['top', '--every', '0.2'], environment, [columns, rows]);
    const before = await terminal.shows(/0 running/);
    expect(before).toContain('nessus:s1');
    await o.submit('drawn');
    const during = await terminal.shows(/1 running/);
    expect(during).toMatch(/█|░/);
    for (const line of during.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    expect(during.trimEnd().split('\n').length).toBeLessThanOrEqual(rows);
    terminal.type('q');
    const after = await terminal.shows(/ended with 0/);
    expect(after).not.toContain('nmcp-admin top');
  });
});

describe('nmcp-admin', () => {
  test('cuts its tables to a terminal of 40 columns, and colours only there', async () => {
    await using stage = await openStage('embedded', {});
    const run = (environment: Record<string, string>): string =>
      spawnSync(
        'script',
        ['-qec', `stty cols 40; '${process.execPath}' '${appPath('admin-cli')}' scanners list`, '/dev/null'],
        {
          encoding: 'utf8',
          env: { PATH: process.env.PATH ?? '', TERM: 'xterm', ...stage.environment, ...environment },
        },
      ).stdout;
    const coloured = run({});
    expect(coloured).toContain('\u001b[32mok\u001b[0m');
    const plain = run({ NO_COLOR: '1' });
    expect(plain).not.toContain('\u001b');
    for (const line of plain.split(/\r?\n/)) expect(line.length).toBeLessThanOrEqual(40);
    const { stdout } = await runApp('admin-cli', ['scanners', 'list'], { environment: stage.environment });
    expect(stdout).not.toContain('\u001b');
  });

  test('ends quietly when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [appPath('admin-cli'), 'completion', 'fish']);
    child.stdout.destroy();
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    await once(child, 'close');
    expect([child.exitCode, errors]).toEqual([0, '']);
  });

  test('says with 3 that the store is away', async () => {
    const { code, stderr } = await runApp('admin-cli', ['stats', '--redis-url', 'redis://127.0.0.1:9']);
    expect([code, stderr]).toEqual([3, expect.stringMatching(/^nmcp-admin: Redis at 127\.0\.0\.1:9: .*\n$/)]);
  });

  test('completes words in bash', () => {
    const complete = (line: string): string[] => {
      const words = line.split(' ');
      const script = `eval "$('${process.execPath}' '${appPath('admin-cli')}' completion bash)"; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _nmcp_admin; echo "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim().split(' ');
    };
    expect(complete('nmcp-admin scann')).toEqual(['scanners']);
    expect(complete('nmcp-admin sca')).toEqual(['scan', 'scanners']);
    expect(complete('nmcp-admin tasks ')).toEqual(['list', 'show', 'cancel', 'retry', 'watch']);
    expect(complete('nmcp-admin tasks list --st')).toEqual(['--status']);
    expect(complete('nmcp-admin stats --a')).toEqual(['--all-pools']);
  });

  test.each(['zsh', 'fish'])('has a completion for %s that names every command', async (shell) => {
    const { stdout } = await runApp('admin-cli', ['completion', shell]);
    for (const word of ['stats', 'purge-dlq', 'drain', 'top', 'doctor', '--dry-run'.slice(2)])
      expect(stdout).toContain(word);
    if (spawnSync(shell, ['--version']).status !== 0) return;
    expect(spawnSync(shell, ['-n'], { input: stdout }).status).toBe(0);
  });

  test('every command has a help with examples', async () => {
    const help = (await runApp('admin-cli', ['--help'])).stdout;
    const names = [...help.matchAll(/^ +([a-z-]+(?: [a-z]+)?) {2,}\S/gm)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(25);
    const helps = await Promise.all(
      names.map(async (name) => ({ name, ...(await runApp('admin-cli', [...name.split(' '), '--help'])) })),
    );
    for (const { name, code, stdout } of helps)
      expect([name, code, stdout]).toEqual([name, 0, expect.stringMatching(/EXAMPLES\n\n {2}nmcp-admin /)]);
  });
});
