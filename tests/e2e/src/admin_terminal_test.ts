import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createEmbeddedQueue, EMBEDDED_FILE } from '@nmcp/queue';
import { describe, expect, test } from 'vitest';
import { operations } from './admin_operations.ts';
import { appPath, runApp } from './app_process.ts';
import { openStage, STORES } from './stage.ts';
import { hasTerminal, openTerminal } from './terminal.ts';

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
    await mkdir(stage.dataDir, { recursive: true });
    await (await createEmbeddedQueue({ path: join(stage.dataDir, EMBEDDED_FILE) })).close();
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
