import { parseTime, type Task } from '@nmcp/types';

/** Percent from which the time that is left can be told. */
const ENOUGH = 5;

/** How long a running scan will still take, from how far it has come; such as `about 20 min`. */
export function timeLeft(
  { progress, started_at }: Pick<Task, 'progress' | 'started_at'>,
  now: number,
): string {
  if (started_at === null || progress === null || progress === undefined || progress < ENOUGH)
    return 'not known yet';
  const minutes = (((now - parseTime(started_at)) / 60_000) * (100 - progress)) / progress;
  if (minutes < 1) return 'less than a minute';
  return minutes < 90 ? `about ${Math.round(minutes)} min` : `about ${Math.round(minutes / 60)} h`;
}
