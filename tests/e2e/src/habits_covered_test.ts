import { startSimulator } from '@nmcp/simulator';
import { expect, test } from 'vitest';
import { ANSWER_HABITS } from './habits_answers.ts';
import { CREATE_HABITS } from './habits_creating.ts';
import { EXPORT_HABITS } from './habits_exports.ts';
import { RUN_HABITS } from './habits_runs.ts';

/** Switched on by what these habits do. */
const IN_THE_MIDDLE = ['paused-aborted', 'templates-change'];

test('every quirk of the simulator is a habit that is played', async () => {
  await using simulator = await startSimulator({ tls: false });
  const { quirks } = await (await fetch(`${simulator.url}/_simulator/quirks`)).json();
  const played = [ANSWER_HABITS, RUN_HABITS, CREATE_HABITS, EXPORT_HABITS]
    .flatMap((table) => Object.values(table))
    .flatMap((habit) => habit.quirks.map((entry) => entry.replace(/=.*/, '')));
  const known = quirks.map(({ name }: { name: string }) => name);
  expect([...new Set([...played, ...IN_THE_MIDDLE])].sort()).toEqual([...known].sort());
});
