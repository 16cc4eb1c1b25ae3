import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Habit, HabitRun, Status } from './habit.ts';
import { type HabitStage, openHabitStage } from './habit_stage.ts';

/** Calls of the scanner by habit, as `GET /scans`. */
const calls = new Map<string, string[]>();

function counted(name: string): Required<Pick<Habit, 'drive'>> {
  return {
    async drive({ submit, ended, simulator }: HabitRun): Promise<Status> {
      const made = (): string[] => simulator.requests().map(({ method, path }) => `${method} ${path}`);
      // the check at the start lists the scans, to see that the login works
      while (!made().includes('GET /scans')) await new Promise((resolve) => setTimeout(resolve, 20));
      const before = made().length;
      const status = await ended(await submit());
      calls.set(name, made().slice(before));
      return status;
    },
  };
}

const HABITS: Readonly<Record<string, Habit>> = {
  answered: { quirks: ['namesakes=200'], ...counted('answered') },
  lost: { quirks: ['namesakes=200', 'create-answer-lost'], ...counted('lost') },
};

let stage: HabitStage | undefined;
beforeAll(async () => {
  stage = await openHabitStage(HABITS);
  await Promise.all(Object.keys(HABITS).map((name) => stage?.play(name)));
});
afterAll(() => stage?.[Symbol.asyncDispose]());

const looks = (made: readonly string[]): string[] =>
  made.filter((call) => call === 'GET /scans' || /^GET \/editor\/scan\/\d+$/.test(call));

test('a create is made without a look at the scans that are there', () => {
  const made = calls.get('answered') ?? [];
  const until = made.indexOf('POST /scans');
  expect(until).toBeGreaterThan(0);
  expect(looks(made.slice(0, until))).toEqual([]);
  expect(looks(made).filter((call) => call.includes('/editor/'))).toEqual([]);
});

test('after a lost answer one list says which scan is ours: 200 older ones of its name are not looked into', () => {
  const made = calls.get('lost') ?? [];
  const from = made.indexOf('POST /scans');
  expect(looks(made.slice(0, from))).toEqual([]);
  const [list, editor, ...rest] = looks(made.slice(from));
  expect([list, editor]).toEqual(['GET /scans', expect.stringMatching(/^GET \/editor\/scan\/\d+$/)]);
  expect(rest.filter((call) => call.includes('/editor/'))).toEqual([]);
});
