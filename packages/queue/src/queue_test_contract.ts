import { describe, expect } from 'vitest';
import { describeClaims } from './queue_test_claims.ts';
import { describeDeadLetters } from './queue_test_dead_letters.ts';
import { type QueueUnderTest, queueTest } from './queue_test_fixtures.ts';
import { describeScanners } from './queue_test_scanners.ts';
import { describeSubmissions } from './queue_test_submissions.ts';
import { describeWaiting } from './queue_test_waiting.ts';
import { describeWorkers } from './queue_test_workers.ts';

/** What every backend must do. */
export function describeQueueContract(name: string, open: () => Promise<QueueUnderTest>): void {
  describe(`${name} queue`, () => {
    const test = queueTest(open);
    describeClaims(test);
    describeWaiting(test);
    describeDeadLetters(test);
    describeSubmissions(test);
    describeScanners(test);
    describeWorkers(test);

    test('says what its store is', async ({ t }) => {
      const { product, isWritable } = await t.queue.inspect();
      expect(product).toMatch(/^(Redis|Valkey|SQLite) \d+\.\d+/);
      expect(isWritable).toBe(true);
      expect(await t.queue.now()).toBeGreaterThan(1_600_000_000_000);
    });
  });
}
