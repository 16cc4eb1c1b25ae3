import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { openStateDatabase } from '@nmcp/database/state';
import { startPostgres, startProcess, tempFolder } from '@nmcp/test-support';
import { afterAll, describe, expect, test } from 'vitest';
import { AuditLog, type AuditStore, FileLog, verifyAuditLog } from './mod.ts';
import { PostgresLog } from './postgres_log.ts';

const postgres = await startPostgres();
afterAll(async () => await postgres?.[Symbol.asyncDispose]());

interface Place extends AsyncDisposable {
  store: AuditStore;
  /** A script that opens it as `store`. */
  script(body: string): string;
  /** Changes its lines as somebody would who may write to it. */
  change(from: string, to: string): Promise<void>;
}

const BACKENDS: [name: string, make: () => Promise<Place>][] = [
  ['a file', fileLog],
  ...(postgres ? [['PostgreSQL', postgresLog] as [string, () => Promise<Place>]] : []),
];

async function fileLog(): Promise<Place> {
  const folder = await tempFolder();
  const path = `${folder.path}/audit.jsonl`;
  return {
    store: new FileLog(path),
    script: (body) => `
      import { AuditLog, FileLog } from '@nmcp/audit';
      const store = new FileLog(${JSON.stringify(path)});
      ${body}`,
    change: async (from, to) => writeFileSync(path, (await readFile(path, 'utf8')).replace(from, to)),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function postgresLog(): Promise<Place> {
  const url = (await postgres?.newDatabase()) ?? '';
  const database = await openStateDatabase({ url });
  return {
    store: new PostgresLog(database),
    script: (body) => `
      import { AuditLog } from '@nmcp/audit';
      import { PostgresLog } from '@nmcp/audit/postgres';
      import { openStateDatabase } from '@nmcp/database/state';
      const database = await openStateDatabase({ url: '${url}' });
      const store = new PostgresLog(database);
      ${body}
      await database[Symbol.asyncDispose]();`,
    change: async (from, to) =>
      await postgres?.sql(`UPDATE nmcp_audit SET line = replace(line, '${from}', '${to}')`, url),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

const event = (caller: string) => ({ action: 'x', caller, decision: 'allowed' }) as const;

describe.each(BACKENDS)('an audit log in %s', (_name, make) => {
  test('that several processes write is one chain, of which each was told its lines', async () => {
    await using place = await make();
    expect(await place.store.exists()).toBe(false);
    const write = (caller: string): string =>
      place.script(`
        const log = new AuditLog(store);
        for (let n = 0; n < 20; n++)
          await Promise.all(Array.from({ length: 5 }, async () => console.log((await log.append({ action: 'x', caller: '${caller}', decision: 'allowed' })).seq)));`);
    const cwd = new URL('..', import.meta.url);
    const told = await Promise.all(
      ['a', 'b', 'c', 'd'].map((name) => startProcess(write(name), { cwd }).ended),
    );
    const numbers = told.flatMap((text) => text.trim().split('\n').map(Number));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, i) => i + 1));
    expect(await verifyAuditLog(place.store)).toMatchObject({ valid: true, entries: 400 });
  });

  test('of which a line was changed does not hold', async () => {
    await using place = await make();
    const log = new AuditLog(place.store);
    for (const caller of ['alice', 'bob', 'carol']) await log.append(event(caller));
    await place.change('"bob"', '"eve"');
    expect(await verifyAuditLog(place.store)).toEqual({ valid: false, line: 2, why: 'it was changed' });
  });

  test('takes no line from a process with another key, and goes on under a new one beside the old', async () => {
    await using place = await make();
    const [key, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    await new AuditLog(place.store, { keys: [key] }).append(event('a'));
    await expect(new AuditLog(place.store, { keys: [other] }).append(event('b'))).rejects.toMatchObject({
      code: 'invalid_config',
    });
    const { seq, hash } = await new AuditLog(place.store, { keys: [other, key] }).append(event('c'));
    const expected = { keys: [other, key], expect: { seq, hash } };
    expect(await verifyAuditLog(place.store, expected)).toMatchObject({
      valid: true,
      entries: 2,
      head: hash,
    });
  });
});
