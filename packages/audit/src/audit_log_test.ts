import { createHash } from 'node:crypto';
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
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
  expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 40, cut: [] });
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

describe('a line that a crash cut', () => {
  const append = (path: string) =>
    new AuditLog(path).append({ action: 'scan.submit', caller: 'c', decision: 'denied' });

  test('is noted by the next write, and the log holds', async () => {
    await using t = await written();
    writeFileSync(t.path, `${t.lines().join('\n')}\n{"seq":6,"at":"20`);
    await append(t.path);
    await append(t.path);
    expect(t.lines()).toHaveLength(9);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 8, cut: [6] });
  });

  test('so is one that was cut while the one before was noted', async () => {
    await using t = await written();
    writeFileSync(t.path, `${t.lines().join('\n')}\n{"seq":6,"at":"20\n{"seq":6,"act`);
    await append(t.path);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 7, cut: [6, 7] });
  });

  test('of which only the line break is missing is whole', async () => {
    await using t = await written();
    writeFileSync(t.path, t.lines().join('\n'));
    await append(t.path);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 6, cut: [] });
  });

  test('cannot be changed afterwards', async () => {
    await using t = await written();
    writeFileSync(t.path, `${t.lines().join('\n')}\n{"seq":6,"at":"20`);
    await append(t.path);
    writeFileSync(t.path, readFileSync(t.path, 'utf8').replace('{"seq":6,"at":"20\n', '{"seq":6,"at":"21\n'));
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: false, line: 6 });
  });
});

describe('a log under a key', () => {
  const [key, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const event = { action: 'scan.submit', caller: 'c', decision: 'allowed' } as const;

  test('holds under it, and a chain that somebody made without it does not', async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/audit.jsonl`;
    await new AuditLog(path, { keys: [key] }).append(event);
    expect(await verifyAuditLog(path, { keys: [key] })).toMatchObject({ valid: true, entries: 1 });
    expect(await verifyAuditLog(path, { keys: [other] })).toMatchObject({ valid: false, line: 1 });
    const forged = `${folder.path}/forged.jsonl`;
    await new AuditLog(forged).append(event);
    expect(await verifyAuditLog(forged)).toMatchObject({ valid: true });
    expect(await verifyAuditLog(forged, { keys: [key] })).toEqual({
      valid: false,
      line: 1,
      why: 'it is not sealed by a key',
    });
  });

  test('goes on under a new key when the old one is still there', async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/audit.jsonl`;
    await new AuditLog(path, { keys: [key] }).append(event);
    await new AuditLog(path, { keys: [other, key] }).append(event);
    expect(await verifyAuditLog(path, { keys: [other, key] })).toMatchObject({ valid: true, entries: 2 });
  });

  test('takes no line from a process that has another key', async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/audit.jsonl`;
    await new AuditLog(path, { keys: [key] }).append(event);
    for (const keys of [[other], []])
      await expect(new AuditLog(path, { keys }).append(event)).rejects.toMatchObject({
        code: 'invalid_config',
        message: expect.stringContaining('NMCP_SECRET_KEY'),
      });
  });
});

test('an end that was cut off is found by a line that was noted elsewhere', async () => {
  await using t = await written();
  const { seq, hash } = JSON.parse(t.lines()[4] ?? '');
  expect(await verifyAuditLog(t.path, { expect: { seq, hash } })).toMatchObject({ valid: true });
  writeFileSync(t.path, `${t.lines().slice(0, 3).join('\n')}\n`);
  expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 3 });
  expect(await verifyAuditLog(t.path, { expect: { seq, hash } })).toMatchObject({
    valid: false,
    line: 4,
    why: 'the end was cut off: entry 5 was noted, and there are 3',
  });
  await new AuditLog(t.path).append({ action: 'x', caller: 'c', decision: 'allowed' });
  await new AuditLog(t.path).append({ action: 'x', caller: 'c', decision: 'allowed' });
  expect(await verifyAuditLog(t.path, { expect: { seq, hash } })).toMatchObject({ valid: false, line: 5 });
});

test('a link in place of the log is not followed', async () => {
  await using folder = await tempFolder();
  writeFileSync(`${folder.path}/elsewhere`, 'text');
  symlinkSync(`${folder.path}/elsewhere`, `${folder.path}/audit.jsonl`);
  const log = new AuditLog(`${folder.path}/audit.jsonl`);
  await expect(log.append({ action: 'x', caller: 'c', decision: 'allowed' })).rejects.toMatchObject({
    code: 'storage',
  });
  expect(readFileSync(`${folder.path}/elsewhere`, 'utf8')).toBe('text');
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

test('a long list of targets stands whole in its line, in parts and by its hash', async () => {
  await using folder = await tempFolder();
  const path = `${folder.path}/audit.jsonl`;
  const log = new AuditLog(path);
  const targets = Array.from({ length: 4000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`).join(',');
  await log.append({ action: 'scan.submit', caller: 'alice', decision: 'allowed', targets });
  await log.append({ action: 'scan.launch', caller: 'alice', decision: 'allowed' });
  const [line = ''] = readFileSync(path, 'utf8').split('\n');
  const entry = JSON.parse(line) as Record<string, string>;
  const parts = Object.keys(entry).filter((name) => /^targets(?:_\d+)?$/.test(name));
  expect(parts.length).toBeGreaterThan(10);
  expect(parts.map((name) => entry[name]).join('')).toBe(targets);
  expect(entry.targets_sha256).toBe(createHash('sha256').update(targets).digest('hex'));
  expect(await verifyAuditLog(path)).toMatchObject({ valid: true, entries: 2 });
});
