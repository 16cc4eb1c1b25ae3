import { expect } from 'vitest';
import type { Habit, HabitRun, Status } from './habit.ts';

/** Simulated seconds until most hosts are done, and some are not. */
const MOST_DONE_S = 45;
const SLOW = 15;

/** Submits, and calls the scan by a verb in the middle of it. */
async function inTheMiddle(
  { submit, until, simulator, byHand }: HabitRun,
  verb: 'stop' | 'pause',
): ReturnType<HabitRun['submit']> {
  const submitted = await submit();
  const { id } = await until(() => simulator.scans().find(({ status }) => status === 'running'));
  await new Promise((resolve) => setTimeout(resolve, (MOST_DONE_S * 1000) / SLOW));
  await byHand('POST', `/scans/${id}/${verb}`);
  return submitted;
}

async function stopped(run: HabitRun): Promise<Status> {
  return await run.ended(await inTheMiddle(run, 'stop'));
}

/** A clock that stands until it is let go. */
function heldClock(): { clock: () => number; letGo(): void } {
  const begun = Date.now();
  let heldFor: number | undefined;
  return {
    clock: () => (heldFor === undefined ? begun : Date.now() - heldFor),
    letGo() {
      heldFor = Date.now() - begun;
    },
  };
}

const untilRefused = heldClock();

const PARTIAL = { status: 'failed', partial: true };

/** Odd answers while a scan runs, words, and runs that start or end in other ways. */
export const RUN_HABITS: Readonly<Record<string, Habit>> = {
  '401 in a poll, with API keys': { quirks: ['odd-401'], saw: 401 },
  '400 in a poll': { quirks: ['odd-400'], saw: 400 },
  '403 in a poll': { quirks: ['odd-403'], saw: 403 },
  '302 in a poll': { quirks: ['odd-302'], saw: 302 },
  'HTML with 200 in a poll': { quirks: ['odd-html'] },
  'a session that dies in the poll': { quirks: ['session-dies=2'], hasSession: true, saw: 401 },
  '429 with retry-after on any call': { quirks: ['rate-limit'], saw: 429 },
  'a word that nobody has seen': { quirks: ['odd-word'] },
  'a word that nobody has seen, as the end': { quirks: ['odd-word-at-end'] },
  'a scan that a person deletes': {
    quirks: ['scan-gone'],
    ends: { status: 'failed', error_message: expect.stringMatching(/was deleted on the scanner/) },
    saw: 404,
  },
  'cancelled with two l': {
    quirks: ['cancelled-word'],
    simulator: { speed: SLOW },
    drive: stopped,
    ends: { ...PARTIAL, error_message: expect.stringContaining('cancelled') },
  },
  'canceling before canceled': {
    quirks: ['canceling-word=1'],
    simulator: { speed: SLOW },
    drive: stopped,
    ends: { ...PARTIAL, error_message: expect.stringContaining('canceled') },
  },
  'a plugin update aborts paused scans': {
    quirks: [],
    simulator: { speed: SLOW },
    async drive(run) {
      const submitted = await inTheMiddle(run, 'pause');
      run.simulator.setQuirks(['paused-aborted']);
      return await run.ended(submitted);
    },
    ends: { ...PARTIAL, error_message: expect.stringContaining('aborted') },
  },
  'the next run starts before the export of the last': { quirks: ['next-run-early'] },
  'a launch over the limit of active scans': {
    quirks: ['active-limit=1'],
    simulator: { clock: untilRefused.clock }, // the first scan is active until the second was refused
    saw: 429,
    scans: 2,
    async drive({ simulator, submit, ended, until }) {
      const [first, second] = [await submit(), await submit({ name: 'Another' })];
      await until(() => simulator.requests().find(({ status }) => status === 429));
      untilRefused.letGo();
      const [one, other] = await Promise.all([ended(first), ended(second)]);
      return one.status === 'completed' ? other : one;
    },
  },
  'the answer to launch is lost': { quirks: ['launch-answer-lost'], saw: 0 },
};
