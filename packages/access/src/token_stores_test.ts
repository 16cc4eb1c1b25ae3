import { openStateDatabase } from '@nmcp/database/state';
import { VersionFolder, type Versions } from '@nmcp/files';
import { startPostgres, tempFolder } from '@nmcp/test-support';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { DatabaseTokens, FileTokens, PageSessions, Tokens } from './mod.ts';

const postgres = await startPostgres();
afterAll(async () => await postgres?.[Symbol.asyncDispose]());

interface Place extends AsyncDisposable {
  /** Opens the tokens; another time as another process would. */
  tokens(): Tokens;
  sessions: Versions;
}

const BACKENDS: [name: string, make: () => Promise<Place>][] = [
  ['files', inFiles],
  ...(postgres ? [['PostgreSQL', inPostgres] as [string, () => Promise<Place>]] : []),
];

async function inFiles(): Promise<Place> {
  const folder = await tempFolder();
  return {
    tokens: () => new Tokens(new FileTokens(`${folder.path}/tokens.json`)),
    sessions: new VersionFolder(`${folder.path}/sessions`),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

async function inPostgres(): Promise<Place> {
  const database = await openStateDatabase({ url: (await postgres?.newDatabase()) ?? '' });
  return {
    tokens: () => new Tokens(new DatabaseTokens(database.versions('tokens'))),
    sessions: database.versions('.sessions'),
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  };
}

describe.each(BACKENDS)('in %s', (_name, make) => {
  test('tokens that are made and revoked at the same time are all there, and none comes back', async () => {
    await using place = await make();
    const [one, other] = [place.tokens(), place.tokens()];
    expect(await one.isEmpty()).toBe(true);
    const old = await Promise.all(
      Array.from({ length: 6 }, (_, i) => one.create({ name: `old${i}`, scopes: ['read'] })),
    );
    const made = Array.from({ length: 6 }, (_, i) => one.create({ name: `new${i}`, scopes: ['read'] }));
    await Promise.all([...old.map(({ record }) => other.revoke(record.id)), ...made]);
    const names = (await other.list()).map(({ name }) => name);
    expect(names.toSorted()).toEqual(Array.from({ length: 6 }, (_, i) => `new${i}`));
  });

  test('a token is accepted by other processes, and revoked there at once', async () => {
    await using place = await make();
    const [one, other] = [place.tokens(), place.tokens()];
    const { token, record } = await one.create({ name: 'alice', scopes: ['scan'], pools: ['nessus'] });
    expect(await other.verify(token)).toEqual({ name: 'alice', scopes: ['scan'], pools: ['nessus'] });
    await one.revoke(record.id);
    await vi.waitFor(async () => expect(await other.verify(token)).toBe('unknown'), 5000);
    await expect(other.revoke(record.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('a session of pages is known to other processes, until it ends', async () => {
    await using place = await make();
    const vault = {
      seal: async (_name: string, value: unknown) => ({ sealed: String(value) }),
      open: async (_name: string, { sealed }: { sealed: string }) => sealed,
    };
    const open = (): PageSessions => new PageSessions({ versions: place.sessions, vault });
    const [one, other] = [open(), open()];
    const ids = await Promise.all(Array.from({ length: 5 }, (_, i) => one.begin(`token ${i}`)));
    expect(await Promise.all(ids.map((id) => other.tokenOf(id)))).toEqual(ids.map((_, i) => `token ${i}`));
    await one.end(ids[0] ?? '');
    await vi.waitFor(async () => expect(await other.tokenOf(ids[0] ?? '')).toBeUndefined(), 5000);
  });
});
