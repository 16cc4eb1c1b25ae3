import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import { applyWritten } from '../inventory_test_stage.ts';
import { unpackStates } from '../packed.ts';
import { openSqliteStore } from './sqlite.ts';

const DAY = 86_400;

test('a scan is applied once', async () => {
  await using folder = await tempFolder();
  await using store = await openSqliteStore(join(folder.path, 'inventory.db'));
  const scan = {
    at: 10 * DAY,
    plugins: [1, 2, 19506],
    ports: 'all',
    hosts: { '10.0.0.1': { findings: [{ plugin: 1, port: 80 }] } },
  };
  expect(await applyWritten(store, scan, { taskId: 'a' })).toBe('applied');
  expect(await applyWritten(store, scan, { taskId: 'a' })).toBe('known');
  const later = { ...scan, at: 20 * DAY, hosts: { '10.0.0.1': { findings: [] } } };
  expect(await applyWritten(store, later, { taskId: 'b' })).toBe('applied');
  const [asset] = await store.assetsOf('nessus', ['10.0.0.1']);
  expect(asset && unpackStates(asset.states)).toMatchObject([
    { status: 'open', firstSeen: 10 * DAY, lastSeen: 20 * DAY },
    { status: 'fixed', firstSeen: 10 * DAY, lastSeen: 10 * DAY, fixedAt: 20 * DAY },
  ]);
});
