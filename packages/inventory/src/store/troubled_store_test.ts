import { join } from 'node:path';
import { smallDisk, startPostgres } from '@nmcp/test-support';
import { afterAll, describe, expect, test } from 'vitest';
import { applyWritten, type WrittenScan } from '../inventory_test_stage.ts';
import { openStore } from './open_store.ts';

const DAY = 86_400;
const postgres = await startPostgres();
afterAll(() => postgres?.[Symbol.asyncDispose]());

const WEEK: WrittenScan = { at: 10 * DAY, hosts: { '10.0.0.1': { findings: [{ plugin: 1, port: 80 }] } } };

/** A scan that needs some megabytes. */
const BIG: WrittenScan = {
  at: 20 * DAY,
  hosts: Object.fromEntries(
    Array.from({ length: 110 }, (_, host) => [
      `10.1.0.${host}`,
      {
        findings: Array.from({ length: 100 }, (__, i) => ({
          plugin: host * 100 + i,
          more: `<description>${`${host} ${i} `.repeat(230)}</description>`,
        })),
      },
    ]),
  ),
};

const disk = await smallDisk(3);
afterAll(() => disk?.[Symbol.asyncDispose]());

describe('a full database', () => {
  const applyBig = async (url: string, grow: () => void): Promise<void> => {
    await using store = await openStore(url);
    expect(await applyWritten(store, WEEK, { taskId: 'a' })).toBe('applied');
    await expect(applyWritten(store, BIG, { taskId: 'b' })).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringMatching(/full/),
    });
    // nothing of it is there, what was there can be read, and it goes on when there is room
    expect([...(await store.known()).keys()]).toEqual(['a']);
    grow();
    expect(await applyWritten(store, BIG, { taskId: 'b' })).toBe('applied');
    expect(await store.assetsOf('nessus', ['10.1.0.7', '10.0.0.1'])).toHaveLength(2);
  };

  test.runIf(disk)('of SQLite is said to be', async () => {
    if (disk) await applyBig(join(disk.path, 'inventory.db'), () => disk.grow(100));
  });

  test.runIf(disk && postgres)('of PostgreSQL is said to be', async () => {
    await using small = await smallDisk(14, 'postgres');
    await using own = await startPostgres();
    if (!small || !own) return;
    await own.sql(`CREATE TABLESPACE small LOCATION '${small.path}'`);
    await own.sql('CREATE DATABASE full_soon TABLESPACE small');
    await applyBig(own.url.replace(/postgres$/, 'full_soon'), () => small.grow(200));
  });
});

describe.runIf(postgres)('a PostgreSQL', () => {
  test('that is away, refuses or is read-only is said to be, and is used again when it is back', async () => {
    if (!postgres) return;
    const url = await postgres.newDatabase();
    const at = (change: Partial<URL>): string => Object.assign(new URL(url), change).href;
    await expect(openStore(at({ port: '1' }))).rejects.toMatchObject({
      code: 'unavailable',
      message: /does not answer/,
    });
    await expect(openStore(at({ pathname: '/none' }))).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.not.stringContaining('password='),
    });
    await expect(openStore('postgres://x:secret@h:1:2/d')).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.not.stringContaining('secret'),
    });
    await using store = await openStore(url);
    await applyWritten(store, WEEK, { taskId: 'a' });
    const name = url.split('/').at(-1);
    await postgres.sql(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await postgres.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);
    const later = { ...WEEK, at: 11 * DAY };
    await expect(applyWritten(store, later, { taskId: 'b' })).rejects.toMatchObject({
      code: expect.stringMatching(/storage|unavailable/),
    });
    await expect(applyWritten(store, later, { taskId: 'b' })).rejects.toMatchObject({
      code: 'storage',
      message: /read-only/,
    });
    postgres.stop();
    await expect(store.scans()).rejects.toMatchObject({ code: 'unavailable' });
    postgres.start();
    expect(await store.scans()).toHaveLength(1);
  });

  test('without a connection left is said to be', async () => {
    if (!postgres) return;
    const url = await postgres.newDatabase();
    const name = url.split('/').at(-1);
    await postgres.sql(
      `CREATE ROLE few LOGIN CONNECTION LIMIT 1; GRANT ALL ON DATABASE ${name} TO few; ALTER DATABASE ${name} OWNER TO few`,
    );
    const few = new URL(url);
    few.username = 'few';
    await using taken = await openStore(few.href);
    expect(await taken.scans()).toEqual([]);
    await expect(openStore(few.href)).rejects.toMatchObject({
      code: 'unavailable',
      message: /takes no more connections/,
    });
  });
});
