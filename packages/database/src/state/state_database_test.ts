import { startPostgres, startProcess } from '@nmcp/test-support';
import { generate } from 'selfsigned';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { openMigrated, openStateDatabase } from './mod.ts';

const postgres = await startPostgres();
afterAll(async () => await postgres?.[Symbol.asyncDispose]());

const newDatabase = async (): Promise<string> => (await postgres?.newDatabase()) ?? '';
const at = (url: string, change: Partial<URL>): string => Object.assign(new URL(url), change).href;

/** Writes a file that PostgreSQL alone may read. */
function copied(text: string, to: string): string {
  return `COPY (SELECT regexp_split_to_table($t$${text.trim()}$t$, E'\n')) TO PROGRAM 'cat > ${to} && chmod 600 ${to}'`;
}

describe.runIf(postgres)('tables', () => {
  test('are made once by processes that start at the same time', async () => {
    const url = await newDatabase();
    const script = `
      import { openMigrated } from '@nmcp/database/state';
      const { database, made } = await openMigrated({ url: ${JSON.stringify(url)} });
      console.log(made.length);
      await database[Symbol.asyncDispose]();`;
    const cwd = new URL('../..', import.meta.url);
    const opened = await Promise.all(Array.from({ length: 4 }, () => startProcess(script, { cwd }).ended));
    expect(opened.toSorted()).toEqual(['0\n', '0\n', '0\n', '1\n']);
  });

  test('are not made by who only reads, which says who makes them', async () => {
    const url = await newDatabase();
    const refused = { code: 'invalid_config', message: expect.stringContaining('nmcp-admin migrate') };
    await expect(openStateDatabase({ url, migrates: false })).rejects.toMatchObject(refused);
    await (await openStateDatabase({ url }))[Symbol.asyncDispose]();
    await (await openStateDatabase({ url, migrates: false }))[Symbol.asyncDispose]();
  });

  test('of a later version are used as they are where that says so, and refused where not', async () => {
    const url = await newDatabase();
    await (await openStateDatabase({ url }))[Symbol.asyncDispose]();
    await postgres?.sql("INSERT INTO nmcp_migrations VALUES ('9999_later', '2030-01-01T00:00:00Z')", url);
    const { database, made } = await openMigrated({ url });
    await database[Symbol.asyncDispose]();
    expect(made).toEqual([]);
    await postgres?.sql("UPDATE nmcp_meta SET value = '9' WHERE name = 'oldest_reader'", url);
    await expect(openStateDatabase({ url })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(/TASKS_URL: .*later version/),
    });
  });
});

describe.runIf(postgres)('a database', () => {
  test.each([
    ['no URL', 'nmcp', 'expected postgres://USER:PASSWORD@HOST:PORT/DATABASE; it is no URL'],
    ['of another kind', 'mysql://root:secret@db/nmcp', 'expected postgres://'],
    ['without a database', 'postgres://nmcp:secret@db', 'expected postgres://'],
    ['with two ports', 'postgres://nmcp:secret@db:1:2/nmcp', 'expected postgres://'],
    [
      'with a CA that is not there',
      'postgres://nmcp:secret@db/nmcp?sslrootcert=/none.pem',
      '/none.pem cannot be read',
    ],
  ])('whose URL is wrong (%s) is said to be, without its password', async (_what, url, why) => {
    const refused = await openStateDatabase({ url }).catch((error: Error) => error);
    expect(refused).toMatchObject({ code: 'invalid_config', message: expect.stringContaining(why) });
    expect(String(refused)).toContain('TASKS_URL');
    expect(String(refused)).not.toContain('secret');
  });

  test('that refuses the password, the user or the database, or is away, is said to', async () => {
    const url = await newDatabase();
    await postgres?.sql("CREATE ROLE locked LOGIN PASSWORD 'right'");
    await postgres?.sql(
      `DO $$ BEGIN EXECUTE format('COPY (VALUES (''host all locked 127.0.0.1/32 scram-sha-256''), (''host all all 127.0.0.1/32 trust'')) TO %L', current_setting('hba_file')); PERFORM pg_reload_conf(); END $$`,
    );
    const refuses = (changed: Partial<URL>, error: object): Promise<void> =>
      expect(openStateDatabase({ url: at(url, changed) })).rejects.toMatchObject(error);
    const denied = {
      code: 'invalid_config',
      message: expect.stringMatching(/refuses the user, the password/),
    };
    await vi.waitFor(() => refuses({ username: 'locked', password: 'secret' }, denied), 5000);
    await refuses(
      { username: 'locked', password: '' },
      { code: 'invalid_config', message: /asks for a password/ },
    );
    await refuses({ username: 'nobody' }, denied);
    await refuses({ pathname: '/none' }, denied);
    await refuses(
      { port: '1' },
      { code: 'unavailable', message: expect.stringMatching(/127\.0\.0\.1:1\/.* does not answer/) },
    );
    // a user that may not make tables
    await refuses(
      { username: 'locked', password: 'right' },
      { code: 'invalid_config', message: /make or change its tables/ },
    );
  });

  test('is reached by TLS only with a certificate that is trusted', async () => {
    const url = await newDatabase();
    await expect(openStateDatabase({ url: `${url}?sslmode=require` })).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringContaining('has no TLS, which TASKS_URL asks for'),
    });
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'db.example' }]);
    await postgres?.sql(copied(cert, 'server.crt'));
    await postgres?.sql(copied(key, 'server.key'));
    await postgres?.sql('ALTER SYSTEM SET ssl = on');
    await postgres?.sql('SELECT pg_reload_conf()');
    await vi.waitFor(
      () =>
        expect(openStateDatabase({ url: `${url}?sslmode=require` })).rejects.toMatchObject({
          code: 'invalid_config',
          message: expect.stringMatching(
            /certificate that is not trusted: give its CA as sslrootcert=FILE in TASKS_URL/,
          ),
        }),
      5000,
    );
    await using database = await openStateDatabase({ url: `${url}?sslmode=no-verify` });
    expect(await database.now()).toBeGreaterThan(0);
  });

  test('that goes away fails what is asked of it meanwhile, and is used again when it is back', async () => {
    const url = await newDatabase();
    await using database = await openStateDatabase({ url });
    let heard = 0;
    const end = database.listen('a task', () => void heard++);
    await vi.waitFor(() => expect(database.hears).toBe(true), 5000);
    postgres?.stop();
    await expect(database.now()).rejects.toMatchObject({ code: 'unavailable', message: /does not answer/ });
    await vi.waitFor(() => expect(database.hears).toBe(false), 5000);
    const before = heard;
    postgres?.start();
    expect(await database.now()).toBeGreaterThan(0);
    // what was changed meanwhile is not told, so everybody looks
    await vi.waitFor(() => expect([database.hears, heard > before]).toEqual([true, true]), 20_000);
    end();
  });
});

test.runIf(postgres)('documents are changed by one of several at a time', async () => {
  const url = await newDatabase();
  await using one = await openStateDatabase({ url });
  await using other = await openStateDatabase({ url });
  expect(await one.versions('x').readLast()).toBeUndefined();
  for (let number = 1; number <= 10; number++) {
    const all = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        (i % 2 ? one : other).versions('x').commit(number, `${number} by ${i}`),
      ),
    );
    expect(all.filter(Boolean)).toHaveLength(1);
    expect(await other.versions('x').readLast()).toMatchObject({
      number,
      text: `${number} by ${all.indexOf(true)}`,
    });
  }
  expect(await one.versions('x').commit(3, 'late')).toBe(false);
  expect([await one.versions('x').lastNumber(), await one.versions('y').lastNumber()]).toEqual([10, 0]);
});
