import { expect, test } from 'vitest';
import { shrink } from './shrink.mjs';

test('a round is made smaller until every event is needed', async () => {
  const events = Array.from({ length: 11 }, (_, i) => i);
  let plays = 0;
  const breaks = async (plan: { events: number[] }) => {
    plays++;
    return plan.events.includes(3) && plan.events.includes(8);
  };
  expect(await shrink({ seed: 1, events }, breaks)).toEqual({ seed: 1, events: [3, 8] });
  expect(plays).toBeLessThanOrEqual(24);
});
