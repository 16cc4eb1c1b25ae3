import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TimerWheel } from './timer_wheel.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('waits of any length end in their order, on one timer', async () => {
  const wheel = new TimerWheel();
  const ended: number[] = [];
  for (const ms of [500, 20, 30_000, 0, 505]) wheel.after(ms, () => ended.push(ms));
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(600);
  expect(ended).toEqual([0, 20, 500, 505]);
  await vi.advanceTimersByTimeAsync(29_420);
  expect(ended).toEqual([0, 20, 500, 505, 30_000]);
  expect(vi.getTimerCount()).toBe(0);
});

test('an action that comes again comes as often as it should, until it is disposed of', async () => {
  const wheel = new TimerWheel();
  let calls = 0;
  const repeated = wheel.every(100, () => calls++);
  await vi.advanceTimersByTimeAsync(1000);
  expect(calls).toBeGreaterThanOrEqual(9);
  expect(calls).toBeLessThanOrEqual(10);
  repeated[Symbol.dispose]();
  await vi.advanceTimersByTimeAsync(1000);
  expect(calls).toBeLessThanOrEqual(10);
  expect(vi.getTimerCount()).toBe(0);
});

test('a wait that is given up ends at once with the reason, and leaves no timer', async () => {
  const wheel = new TimerWheel();
  const stop = new AbortController();
  const sleeping = wheel.sleep(60_000, stop.signal);
  stop.abort(new Error('stop'));
  await expect(sleeping).rejects.toThrow('stop');
  await expect(wheel.sleep(1, stop.signal)).rejects.toThrow('stop');
  expect(vi.getTimerCount()).toBe(0);
});

test('what an action asks for next is waited for too', async () => {
  const wheel = new TimerWheel();
  const ended: string[] = [];
  wheel.after(10, () => {
    ended.push('first');
    wheel.after(10, () => ended.push('second'));
  });
  await vi.advanceTimersByTimeAsync(40);
  expect(ended).toEqual(['first', 'second']);
});
