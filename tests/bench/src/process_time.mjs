import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Of the kernel's accounting. */
const TICKS_PER_SECOND = 100;

/** Seconds of a core that a process has taken. */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Seconds in which the machine's cores were busy, and all that they had. */
export function machineSeconds() {
  const sums = { busy: 0, all: 0 };
  for (const { times } of cpus()) {
    const all = Object.values(times).reduce((sum, ms) => sum + ms, 0);
    sums.all += all / 1000;
    sums.busy += (all - times.idle) / 1000;
  }
  return sums;
}
