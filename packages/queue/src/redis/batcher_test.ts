import { describe, expect, test } from 'vitest';
import { Batcher } from './batcher.ts';

/** A batcher whose batches are answered when the test says so. */
function open(maxItems?: number) {
  const batches: { items: readonly number[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const batcher = new Batcher<number, string>(
    (items) =>
      new Promise((resolve, reject) => {
        batches.push({ items, answer: () => resolve(items.map((item) => `${item}!`)), fail: reject });
      }),
    maxItems,
  );
  return { batcher, batches, sizes: () => batches.map(({ items }) => items.length) };
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a batcher', () => {
  test('makes a call that comes alone at once, and calls that come together in one batch', async () => {
    const { batcher, batches, sizes } = open();
    const alone = batcher.call(7);
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(sizes()).toEqual([1]);
    const together = numbers(5).map((i) => batcher.call(i));
    await turn();
    expect(sizes()).toEqual([1, 5]);
    for (const { answer } of batches) answer();
    expect(await alone).toBe('7!');
    expect(await Promise.all(together)).toEqual(['0!', '1!', '2!', '3!', '4!']);
  });

  test('takes calls of promises that one answer settles into one batch', async () => {
    const { batcher, batches, sizes } = open();
    const first = numbers(8).map(async (i) => {
      await batcher.call(i);
      await Promise.resolve();
      return batcher.call(i);
    });
    await turn();
    batches[0]?.answer();
    await turn();
    expect(sizes()).toEqual([8, 8]);
    batches[1]?.answer();
    expect(await Promise.all(first)).toHaveLength(8);
  });

  test('hands the answers of a large batch out in two parts, so that callers in step fall out of it', async () => {
    const { batcher, batches, sizes } = open();
    for (const i of numbers(40))
      void batcher
        .call(i)
        .then(() => batcher.call(i))
        .then(() => batcher.call(i));
    await turn();
    batches[0]?.answer();
    for (let i = 0; i < 3; i++) await turn();
    expect(sizes()).toEqual([40, 20, 20]);
    batches[1]?.answer(); // the server has another one: this one is not parted
    for (let i = 0; i < 3; i++) await turn();
    expect(sizes()).toEqual([40, 20, 20, 20]);
  });

  test('keeps the order, no more than so many calls in a batch, and three batches on their way', async () => {
    const { batcher, batches, sizes } = open(4);
    const calls = numbers(20).map((i) => batcher.call(i));
    await turn();
    expect(sizes()).toEqual([4, 4, 4]);
    for (const { answer } of batches) {
      answer(); // those that it makes room for come to the end of the list
      await turn();
    }
    expect(batches.flatMap(({ items }) => items)).toEqual(numbers(20));
    expect(await Promise.all(calls)).toEqual(numbers(20).map((i) => `${i}!`));
  });

  test('tells every caller of a batch why it failed, and goes on', async () => {
    const { batcher, batches } = open();
    const calls = numbers(15).map((i) => batcher.call(i));
    await turn();
    batches[0]?.fail(new Error('no connection'));
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.every((o) => o.status === 'rejected' && o.reason.message === 'no connection')).toBe(true);
    const again = batcher.call(1);
    await turn();
    batches[1]?.answer();
    expect(await again).toBe('1!');
  });
});
