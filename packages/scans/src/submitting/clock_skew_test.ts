import { createEmbeddedQueue } from '@nmcp/queue';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import { checkStores } from '../mod.ts';
import { callerOf, stage } from '../scans_test_stage.ts';

test.each([-1, 1])('a clock that differs by minutes accepts no scan, and says so', async (sign) => {
  await using folder = await tempFolder();
  await using queue = await createEmbeddedQueue({ path: `${folder.path}/queue.db` });
  const clock = (): number => Date.now() + sign * 120_000;
  await using s = await stage({ clock, services: { queue } });
  await expect(s.submit(callerOf('alice', 'scan'))).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/clock is 1\d\d s (ahead of|behind) the queue's.*60 s.*NTP/),
  });
  expect(await s.services.tasks.list()).toEqual([]);
  expect(await checkStores(s.services)).toMatchObject({
    status: 'unhealthy',
    checks: { clock: false, redis: true },
  });
});
