import { readdirSync, readFileSync } from 'node:fs';
import { canStopProcesses, startProcess, tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { type AuditEntry, AuditLog, verifyAuditLog } from './mod.ts';

const cwd = new URL('..', import.meta.url);

/** Appends lines, and tells the number of each when it is on disk. */
const APPEND = (path: string, caller: string, count: number, atOnce: number): string => `
  import { AuditLog } from '@nmcp/audit';
  const log = new AuditLog(${JSON.stringify(path)});
  for (let n = 0; n < ${count}; n += ${atOnce})
    await Promise.all(
      Array.from({ length: ${atOnce} }, async () => {
        const { seq } = await log.append({ action: 'x', caller: '${caller}', decision: 'allowed' });
        console.log(seq);
      }),
    );`;

function entriesOf(path: string): AuditEntry[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** Numbers of the lines that a process was told are on disk. */
function numbersOf(output: string): number[] {
  return output.trim().split('\n').map(Number);
}

describe.skipIf(!canStopProcesses)('a process that stops in the middle of a write', () => {
  test.each([1, 3])('of %i lines, at any of its steps, spoils nothing when it goes on', async (atOnce) => {
    let hasStopped = true;
    let steps = 0;
    for (; hasStopped; steps++) {
      await using folder = await tempFolder();
      const path = `${folder.path}/audit.jsonl`;
      const log = new AuditLog(path);
      const append = (caller: string): Promise<AuditEntry> =>
        log.append({ action: 'x', caller, decision: 'allowed' });
      await append('before');
      const slow = startProcess(APPEND(path, 'slow', atOnce, atOnce), { cwd, stopAt: steps + 1 });
      hasStopped = await slow.stopped;
      // nobody waits for it; so many that whatever it committed is long in the log
      for (let n = 0; n < 4; n++) await append('meanwhile');
      await Promise.all(Array.from({ length: 3 }, () => append('meanwhile')));
      slow.resume();
      const told = numbersOf(await slow.ended);
      await append('after');
      const entries = entriesOf(path);
      expect(await verifyAuditLog(path)).toMatchObject({ valid: true, entries: 9 + atOnce, cut: [] });
      expect(entries.filter(({ caller }) => caller === 'slow').map(({ seq }) => seq)).toEqual(told);
      expect(readdirSync(folder.path)).toEqual(['audit.jsonl']);
    }
    expect(steps).toBeGreaterThan(10);
  });

  test('while eleven others write keeps none of them waiting, and no line is lost', async () => {
    await using folder = await tempFolder();
    const path = `${folder.path}/audit.jsonl`;
    const stopping = [1, 2, 3].map((i) =>
      startProcess(APPEND(path, `slow${i}`, 50, 1), { cwd, stopAt: 5 * i, about: i === 2 ? '' : '.next' }),
    );
    const others = Array.from({ length: 9 }, (_, i) => startProcess(APPEND(path, `p${i}`, 50, 5), { cwd }));
    const told = await Promise.all(others.map(({ ended }) => ended));
    expect(await Promise.all(stopping.map(({ stopped }) => stopped))).toEqual([true, true, true]);
    for (const { resume } of stopping) resume();
    told.push(...(await Promise.all(stopping.map(({ ended }) => ended))));
    expect(await verifyAuditLog(path)).toMatchObject({ valid: true, entries: 600, cut: [] });
    expect(told.flatMap(numbersOf).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 600 }, (_, i) => i + 1),
    );
  });
});
