import { readFileSync } from 'node:fs';

/** Megabytes that a process has in memory now. */
export const residentMb = (pid) => megabytes(pid, 'VmRSS');

/** Megabytes that it had at the most. */
export const peakMb = (pid) => megabytes(pid, 'VmHWM');

function megabytes(pid, field) {
  const [, kilobytes] = new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kilobytes) / 1024;
}
