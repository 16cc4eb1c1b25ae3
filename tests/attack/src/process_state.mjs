// What a process holds.
import { readdirSync, readFileSync } from 'node:fs';

/** Open descriptors. */
export function descriptorsOf(pid) {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Resident memory in megabytes: VmRSS now, VmHWM at most since the start. */
export function memoryOf(pid, what = 'VmRSS') {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${what}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}
