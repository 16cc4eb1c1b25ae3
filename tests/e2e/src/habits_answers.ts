import type { Habit, HabitRun, Status } from './habit.ts';

/** Waits until the status says what it waits for, then the scanner is well again. */
async function showsAndGoesOn({ submit, ended, until, client, simulator }: HabitRun): Promise<Status> {
  const submitted = await submit();
  await until(async () => {
    const { json } = await client.call('get_scan_status', { task_id: submitted.json.task_id });
    return json.waiting;
  });
  simulator.setQuirks([]);
  return await ended(submitted);
}

/** How answers are written, and bad input. */
export const ANSWER_HABITS: Readonly<Record<string, Habit>> = {
  'empty lists are null': { quirks: ['lists-null'] },
  'capabilities and features are null': { quirks: ['facts-null'] },
  'numbers are text': { quirks: ['text-numbers'] },
  'times are in milliseconds': { quirks: ['milliseconds'] },
  'numbers are text and times in milliseconds': { quirks: ['milliseconds', 'text-numbers'] },
  'every object is null for some answers': { quirks: ['null-objects=6'] },
  'every object is null until somebody mends it': { quirks: ['null-objects'], drive: showsAndGoesOn },
  'the answer is null for some calls': { quirks: ['null-answers=6'] },
  'the answer is null until somebody mends it': { quirks: ['null-answers'], drive: showsAndGoesOn },
  'HTML with 200 for some calls': { quirks: ['html-answers=6'] },
  'HTML with 200 until somebody mends it': { quirks: ['html-answers'], drive: showsAndGoesOn },
  'a list of 100,000 scans': { quirks: ['many-scans'] },
  'details over 64 MiB': { quirks: ['details-long'] },
  'details that take minutes': { quirks: ['details-slow'] },
};
