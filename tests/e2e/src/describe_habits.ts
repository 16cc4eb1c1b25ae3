import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Habit, HabitOutcome } from './habit.ts';
import { type HabitStage, openHabitStage } from './habit_stage.ts';

/** Without habits: what the others are compared with. */
const PLAIN = 'a scanner without habits';

/** A test for each habit. All are played at once, on one server. */
export function describeHabits(habits: Readonly<Record<string, Habit>>): void {
  let stage: HabitStage | undefined;
  const outcomes = new Map<string, Promise<HabitOutcome>>();
  const outcomeOf = async (name: string): Promise<HabitOutcome> => {
    const outcome = outcomes.get(name);
    if (!outcome) throw new Error(`${name} was not played`);
    return await outcome;
  };

  beforeAll(async () => {
    const all: Record<string, Habit> = { [PLAIN]: { quirks: [] }, ...habits };
    stage = await openHabitStage(all);
    // a submission waits for the scanner's answer for a moment only: what is refused is played while nothing else is
    const names = Object.keys(all).sort((a, b) => (all[a]?.scans ?? 1) - (all[b]?.scans ?? 1));
    for (const name of names) {
      const outcome = stage.play(name);
      outcome.catch(() => {}); // its test tells
      outcomes.set(name, outcome);
      if (all[name]?.scans === 0) await outcome.catch(() => {});
    }
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  describe('a scanner with the habit', () => {
    test.each(Object.entries(habits))('%s', async (name, habit) => {
      const plain = await outcomeOf(PLAIN);
      const { status, created, launched, circuit, tasks, findings, statuses } = await outcomeOf(name);
      const completed = { status: 'completed', results_summary: summaryOf(plain), error_message: null };
      expect(status).toMatchObject(habit.ends ?? completed);
      if (status.status === 'completed' || status.partial) expect(findings).toBeGreaterThan(0);
      const scans = habit.scans ?? 1;
      expect({ created, launched, tasks }).toEqual({ created: scans, launched: scans, tasks: scans });
      if (habit.saw !== undefined) expect(statuses).toContain(habit.saw);
      expect(circuit).toBe('closed');
    });
  });
}

/** What was found, but for the size of the file, in which a name or a number can be longer. */
function summaryOf({ status }: HabitOutcome): object {
  const { file_size_kb: _, ...summary } = status.results_summary as Record<string, unknown>;
  return summary;
}
