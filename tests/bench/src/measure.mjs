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

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

export function percentile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
}

/** A row whose ratio to a peer must be at least the bar. */
export function atLeast(what, unit, value, peer, peerValue, ratio, bar) {
  return { what, value, unit, peer, peer_value: peerValue, ratio, bar: `>= ${bar}x`, holds: ratio >= bar };
}

/** A row whose value may be at most the bar. */
export function atMost(what, unit, value, bar) {
  return {
    what,
    value,
    unit,
    peer: null,
    peer_value: null,
    ratio: null,
    bar: `<= ${bar} ${unit}`,
    holds: value <= bar,
  };
}
