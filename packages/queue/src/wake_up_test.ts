import { expect, test } from 'vitest';
import { WakeUp } from './wake_up.ts';

const LONG = 60_000;

test('who sleeps is woken by a notification, all of them', async () => {
  const wakeUp = new WakeUp();
  const sleepers = [1, 2].map(() => wakeUp.sleep(wakeUp.turn, LONG));
  wakeUp.notify();
  await Promise.all(sleepers);
});

test('a notification between the look for work and the sleep is not lost', async () => {
  const wakeUp = new WakeUp();
  const { turn } = wakeUp;
  wakeUp.notify();
  await wakeUp.sleep(turn, LONG);
});

test('time and a signal end a sleep, before it and in it', async () => {
  const wakeUp = new WakeUp();
  await wakeUp.sleep(wakeUp.turn, 1);
  const controller = new AbortController();
  const sleeping = wakeUp.sleep(wakeUp.turn, LONG, controller.signal);
  controller.abort();
  await sleeping;
  await wakeUp.sleep(wakeUp.turn, LONG, controller.signal);
  expect(wakeUp.turn).toBe(0);
});
