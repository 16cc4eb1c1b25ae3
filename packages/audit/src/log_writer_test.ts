import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { type AuditEntry, parseEntry } from './audit_entry.ts';
import { hashOf } from './audit_key.ts';
import { type CommittedLine, commitLine, pathAfter } from './committed_line.ts';
import { AuditLog, verifyAuditLog } from './mod.ts';

interface Started extends AsyncDisposable {
  path: string;
  folder: string;
  /** Of the lines that are whole. */
  callers(): string[];
  append(caller: string): Promise<AuditEntry>;
  /** What a process has done that was stopped, or killed, before it wrote its line. */
  commit(caller: string): Promise<CommittedLine>;
}

/** A log with three lines. */
async function started(): Promise<Started> {
  const temp = await tempFolder();
  const path = `${temp.path}/audit.jsonl`;
  const append = (caller: string): Promise<AuditEntry> =>
    new AuditLog(path).append({ action: 'x', caller, decision: 'allowed' });
  const entries = (): AuditEntry[] =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line) => parseEntry(line) ?? []);
  for (const caller of ['a', 'b', 'c']) await append(caller);
  return {
    path,
    folder: temp.path,
    callers: () => entries().map(({ caller }) => caller),
    append,
    async commit(caller) {
      const last = entries().at(-1);
      if (!last) throw new Error('the log has no line');
      const content = { seq: last.seq + 1, at: 'now', action: 'x', caller, decision: 'allowed' as const };
      const linked = { ...content, prev: last.hash };
      const entry = { ...linked, hash: hashOf(linked, undefined) };
      const line = {
        path: pathAfter(path, last),
        entry,
        offset: readFileSync(path).length - 1,
        text: `\n${JSON.stringify(entry)}\n`,
      };
      expect(await commitLine(line)).toBe(true);
      return line;
    },
    [Symbol.asyncDispose]: () => temp[Symbol.asyncDispose](),
  };
}

describe('a line that is committed', () => {
  test('and not in the log is written by who comes next', async () => {
    await using t = await started();
    await t.commit('stopped');
    await t.append('d');
    expect(t.callers()).toEqual(['a', 'b', 'c', 'stopped', 'd']);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 5, cut: [] });
    expect(readdirSync(t.folder)).toEqual(['audit.jsonl']);
  });

  test.each([1, 20, -1])('and in the log in part, up to byte %i, becomes whole', async (bytes) => {
    await using t = await started();
    const { text } = await t.commit('stopped');
    appendFileSync(t.path, text.slice(1).slice(0, bytes));
    await t.append('d');
    expect(t.callers()).toEqual(['a', 'b', 'c', 'stopped', 'd']);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 5, cut: [] });
  });

  test('of which a crash of the machine has left zeros becomes whole', async () => {
    await using t = await started();
    const { text } = await t.commit('stopped');
    appendFileSync(t.path, Buffer.alloc(text.length - 1));
    await t.append('d');
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 5, cut: [] });
  });

  test('under a name that was removed, by who was stopped since, is none', async () => {
    await using t = await started();
    const late = await t.commit('late');
    rmSync(late.path);
    await t.append('d');
    await t.append('e');
    expect(await commitLine(late)).toBe(true);
    await t.append('f');
    expect(t.callers()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 6 });
    expect(existsSync(late.path)).toBe(false); // the next process tidies up
  });

  test('whose file a crash of the machine has emptied is none', async () => {
    await using t = await started();
    const spoilt = await t.commit('x');
    writeFileSync(spoilt.path, '');
    await t.append('d');
    expect(t.callers()).toEqual(['a', 'b', 'c', 'd']);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 4 });
  });

  test('in whose place somebody else has written is none, and what they left is noted', async () => {
    await using t = await started();
    await t.commit('x');
    appendFileSync(t.path, '{"seq":4,"at":"20');
    await t.append('d');
    await t.append('e');
    expect(t.callers()).toEqual(['a', 'b', 'c', 'local', 'd', 'e']);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 6, cut: [4] });
  });

  test('at a place that the log does not have is none', async () => {
    await using t = await started();
    writeFileSync(t.path, `\n${readFileSync(t.path, 'utf8')}`);
    await t.commit('x');
    writeFileSync(t.path, readFileSync(t.path, 'utf8').trimStart());
    await t.append('d');
    expect(t.callers()).toEqual(['a', 'b', 'c', 'd']);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 4 });
  });

  test('to follow a line that is in the log but for its line break is written after it', async () => {
    await using t = await started();
    await t.commit('stopped');
    writeFileSync(t.path, readFileSync(t.path, 'utf8').trimEnd());
    await t.append('d');
    expect(t.callers()).toEqual(['a', 'b', 'c', 'stopped', 'd']);
    expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 5, cut: [] });
  });
});

test('a log that is begun anew while processes write is written on from its beginning', async () => {
  await using t = await started();
  const log = new AuditLog(t.path);
  await t.commit('of the old one');
  rmSync(t.path);
  for (const caller of ['d', 'e']) await log.append({ action: 'x', caller, decision: 'allowed' });
  expect(t.callers()).toEqual(['d', 'e']);
  expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 2 });
});

test('a line that is far longer than others is found, and what follows it', async () => {
  await using t = await started();
  const facts = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`fact${i}`, 'ü'.repeat(5000)]));
  await new AuditLog(t.path).append({ action: 'x', caller: 'long', decision: 'allowed', ...facts });
  await t.append('d');
  expect(t.callers()).toEqual(['a', 'b', 'c', 'long', 'd']);
  expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 5 });
});

test('what killed processes and versions before have left beside a log goes; what is others’ stays', async () => {
  await using t = await started();
  const left = ['audit.jsonl.lock', 'audit.jsonl.lock.ab12.part', 'audit.jsonl.ab12.part'];
  const others = ['audit.jsonl.1', 'audit.jsonl.gz', 'audit.jsonl2.ab12.part', 'task.json'];
  for (const name of [...left, ...others]) writeFileSync(`${t.folder}/${name}`, '');
  await t.append('d');
  expect(readdirSync(t.folder).sort()).toEqual(['audit.jsonl', ...others].sort());
});

test('lines that are asked for at once are written together, in the order in which they were asked for', async () => {
  await using t = await started();
  const told: number[] = [];
  const log = new AuditLog(t.path, { onEntry: ({ seq }) => told.push(seq) });
  const callers = Array.from({ length: 200 }, (_, i) => `c${i}`);
  const entries = await Promise.all(
    callers.map((caller) => log.append({ action: 'x', caller, decision: 'allowed' })),
  );
  expect(t.callers().slice(3)).toEqual(callers);
  expect(told).toEqual(entries.map(({ seq }) => seq));
  expect(await verifyAuditLog(t.path)).toMatchObject({ valid: true, entries: 203 });
});
