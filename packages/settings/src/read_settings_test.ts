import { expect, test } from 'vitest';
import { readSettings } from './mod.ts';

const defaults = { dataDir: '/data' };

test('an empty environment gives the defaults', () => {
  expect(readSettings({ REDIS_URL: '' }, defaults)).toMatchObject({
    redisUrl: undefined,
    dataDir: '/data',
    host: '127.0.0.1',
    port: 8836,
    scannerCallSeconds: 30,
    pollSeconds: 30,
    scanTimeoutHours: 24,
    logLevel: 'info',
  });
});

test("v3.0's variables are understood", () => {
  const settings = readSettings(
    { LOG_LEVEL: 'WARNING', WORKER_POOLS: 'nessus, nessus_dmz', DATA_DIR: '/d' },
    defaults,
  );
  expect(settings).toMatchObject({ logLevel: 'warn', workerPools: ['nessus', 'nessus_dmz'], dataDir: '/d' });
});

test.each([
  ['PORT', '70000'],
  ['PORT', 'eighty'],
  ['LOG_LEVEL', 'loud'],
  ['WORKER_POOLS', 'a b'],
  ['POLL_SECONDS', '0'],
  ['SCAN_TIMEOUT_HOURS', 'never'],
  ['SCAN_GONE_MINUTES', '0'],
])('%s=%s is refused by the name of the variable', (name, value) => {
  expect(() => readSettings({ [name]: value }, defaults)).toThrow(
    new RegExp(`^Environment: ${name}.*expected`),
  );
});
