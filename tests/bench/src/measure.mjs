import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Path of a file beside this one. */
export const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Runs a program that prints one JSON object last, and answers it. */
export function runJson(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    ...options,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout.trim().split('\n').at(-1));
}

/** The middle one. */
export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** The smallest that is at least as large as this part of them, 0 to 1. */
export function percentile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
}

/** Medians of measurements that are taken in turns, so that whatever else the machine does meets all of them alike. */
export async function mediansInTurns(rounds, measurements, sayRound) {
  const values = measurements.map(() => []);
  for (let round = 0; round < rounds; round++) {
    sayRound(`round ${round + 1} of ${rounds}`);
    const order = [...measurements.keys()];
    for (const i of round % 2 === 0 ? order : order.reverse()) values[i].push(await measurements[i]());
  }
  return values.map(median);
}
