import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { AuditLog, verifyAuditLog } from './mod.ts';

async function written(count = 5): Promise<AsyncDisposable & { path: string; lines: () => string[] }> {
  const folder = await tempFolder();
  const path = `${folder.path}/audit.jsonl`;
  // two processes would do it so: each with a log of its own
  const logs = [new AuditLog(path), new AuditLog(path)];
  await Promise.all(
    Array.from({ length: count }, (_, i) =>
      logs[i % 2]?.append({
        action: 'scan.submit',
        caller: `c${i}`,
        decision: 'allowed',
        targets: '10.0.0.1',
      }),
    ),
  );
  return {
    path,
    lines: () => readFileSync(path, 'utf8').trimEnd().split('\n'),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test('a log that several write is a chain without gaps, for its owner alone', async () => {
  await using t = await written(40);
  expect(await verifyAuditLog(t.path)).toEqual({ valid: true, entries: 40 });
  expect(t.lines().map((line) => JSON.parse(line).seq)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(statSync(t.path).mode & 0o777).toBe(0o600);
});

describe('a log that somebody changed', () => {
  test.each<[string, (lines: string[]) => string[], object]>([
    [
      'a fact',
      (lines) => lines.map((line, i) => (i === 2 ? line.replace('10.0.0.1', '10.0.0.2') : line)),
      { line: 3, why: 'it was changed' },
    ],
    ['a line taken out', (lines) => lines.filter((_, i) => i !== 2), { line: 3 }],
    ['two lines in another order', ([a = '', b = '', ...rest]) => [b, a, ...rest], { line: 1 }],
    ['a line twice', ([a = '', ...rest]) => [a, a, ...rest], { line: 2 }],
    ['the first line taken out', (lines) => lines.slice(1), { line: 1 }],
    ['a line of somebody’s own', (lines) => [...lines, '{"seq":6,"prev":"x","hash":"y"}'], { line: 6 }],
    ['half a line', (lines) => [...lines.slice(0, 4), (lines[4] ?? '').slice(0, 30)], { line: 5 }],
  ])('%s is found', async (_name, change, verdict) => {
    await using t = await written();
    writeFileSync(t.path, `${change(t.lines()).join('\n')}\n`);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: false, ...verdict });
  });
});

test('after a crash in the middle of a line the log goes on, and the verification says where', async () => {
  await using t = await written();
  writeFileSync(t.path, `${t.lines().join('\n')}\n{"seq":6,"at":"20`);
  await new AuditLog(t.path).append({ action: 'scan.submit', caller: 'c', decision: 'denied' });
  expect(t.lines()).toHaveLength(7);
  expect(await verifyAuditLog(t.path)).toMatchObject({ valid: false, line: 6 });
});

test('a log that cannot be written is an error that names it', async () => {
  await using folder = await tempFolder();
  writeFileSync(`${folder.path}/file`, '');
  const append = new AuditLog(`${folder.path}/file/audit.jsonl`).append({
    action: 'a',
    caller: 'c',
    decision: 'allowed',
  });
  await expect(append).rejects.toMatchObject({ code: 'storage' });
});
