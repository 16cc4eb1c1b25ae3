import { openInventory } from '@nmcp/inventory';
import { startPostgres } from '@nmcp/test-support';
import { afterAll, expect, test } from 'vitest';
import { bench } from './runner_test_bench.ts';

const postgres = await startPostgres();
afterAll(() => postgres?.[Symbol.asyncDispose]());

test.runIf(postgres)('scans go on while the inventory’s PostgreSQL is away, and it catches up', async () => {
  if (!postgres) return;
  await using t = await bench();
  await using inventory = openInventory({ url: postgres.url });
  expect([...(await inventory.known())]).toEqual([]);
  postgres.stop();
  const runner = t.start({ inventory, reconcileMs: 100 });
  const ids = [await t.submit(), await t.submit()];
  for (const id of ids) expect((await t.ended(id)).status).toBe('completed');
  await t.until(() => t.logged.some((line) => line.includes('the inventory lacks scans')));
  await expect(inventory.known()).rejects.toMatchObject({ code: 'unavailable' });
  postgres.start();
  const known = await t.until(async () => {
    const applied = await inventory.known().catch(() => new Map());
    return applied.size === ids.length && applied;
  });
  expect([...known.keys()].toSorted()).toEqual(ids.toSorted());
  await runner.stop();
});
