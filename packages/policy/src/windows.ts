import { type PolicyRules, type ScanWindow, WEEKDAYS, type Weekday } from './policy_rules.ts';

const MINUTES_A_DAY = 1440;

/** Whether scanning is allowed at a moment, in Unix milliseconds. */
export function isOpen({ windows, timezone = 'UTC' }: PolicyRules, now: number): boolean {
  if (!windows) return true;
  const { day, minute } = localTime(now, timezone);
  const yesterday = WEEKDAYS[(WEEKDAYS.indexOf(day) + 6) % 7] ?? 'sun';
  return windows.some((window) => {
    const [from, to] = [minutesOf(window.from), minutesOf(window.to)];
    const end = to > from ? to : to + MINUTES_A_DAY;
    const onDay = (which: Weekday): boolean => window.days?.includes(which) ?? true;
    return (
      (onDay(day) && minute >= from && minute < end) ||
      (onDay(yesterday) && minute + MINUTES_A_DAY >= from && minute + MINUTES_A_DAY < end)
    );
  });
}

/** The windows in words. */
export function describeWindows({ windows = [], timezone = 'UTC' }: PolicyRules): string {
  const words = windows.map(
    ({ days, from, to }: ScanWindow) => `${days ? `${days.join(', ')} ` : ''}${from} to ${to}`,
  );
  return `${words.join('; ')} (${timezone})`;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return 60 * hours + minutes;
}

function localTime(now: number, timeZone: string): { day: Weekday; minute: number } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
  const name = part('weekday').toLowerCase();
  const day = WEEKDAYS.find((weekday) => weekday === name) ?? 'sun';
  return { day, minute: 60 * Number(part('hour')) + Number(part('minute')) };
}
