import { expect, test } from 'vitest';
import { FairTurns } from './fair_turns.ts';

/** Takes a turn and says when it has it. */
function taker(
  turns: FairTurns,
  begun: string[],
): (share: string, signal?: AbortSignal) => Promise<() => void> {
  return async (share, signal) => {
    const end = await turns.take(share, signal);
    begun.push(share);
    return end;
  };
}

test('a share never holds all turns, and those who wait take them in turns', async () => {
  const turns = new FairTurns(2);
  const begun: string[] = [];
  const take = taker(turns, begun);
  const first = await take('a');
  const waiting = [take('a'), take('a')];
  const other = await take('b');
  expect(begun).toEqual(['a', 'b']);
  const third = take('c');
  first();
  await waiting[0];
  other();
  await third;
  expect(begun).toEqual(['a', 'b', 'a', 'c']);
});

test('one turn goes round', async () => {
  const turns = new FairTurns(1);
  const begun: string[] = [];
  const take = taker(turns, begun);
  const ends = [take('a'), take('a'), take('a'), take('b'), take('c')];
  for (const next of [0, 1, 3, 4, 2]) (await ends[next])?.();
  expect(begun).toEqual(['a', 'a', 'b', 'c', 'a']);
});

test('who leaves gives his place away, and too many may not wait', async () => {
  const turns = new FairTurns(1);
  const end = await turns.take('a');
  const left = new AbortController();
  const leaving = turns.take('b', left.signal);
  const staying = turns.take('b');
  left.abort(new Error('gone'));
  await expect(leaving).rejects.toThrow('gone');
  end();
  (await staying)();
  const held = await turns.take('c');
  const waiting = Array.from({ length: 64 }, () => turns.take('c'));
  await expect(turns.take('c')).rejects.toMatchObject({ code: 'unavailable' });
  held();
  for (const each of waiting) (await each)();
});
