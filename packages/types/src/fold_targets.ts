import { mergeRuns, type Run } from './address_runs.ts';
import type { Target } from './target.ts';
import { formatAddress, parseTargets } from './targets.ts';

/** A target list in few characters. */
export interface FoldedTargets {
  /** Networks and ranges, cut at a length, with the number of entries left out. */
  text: string;
  /** Addresses and names that the whole list has. */
  count: number;
}

/** Characters of the text. */
const MOST = 200;
/** A list of addresses that is folded at most; a longer one is cut. */
const MOST_PARSED = 1_000_000;

/**
 * A target list as networks and ranges, in at most 200 characters: 2,500 single addresses become a few blocks. A list that
 * cannot be read is cut.
 *
 * @example
 * ```ts
 * import { foldTargets } from '@nmcp/types';
 *
 * console.assert(foldTargets('10.0.0.0,10.0.0.1,10.0.0.2,10.0.0.3').text === '10.0.0.0/30');
 * ```
 */
export function foldTargets(targets: string, most: number = MOST): FoldedTargets {
  let parsed: Target[];
  try {
    parsed = parseTargets(targets, { maxLength: MOST_PARSED });
  } catch {
    const entries = targets.split(/[\s,;]+/).filter((entry) => entry !== '');
    return { text: joined(entries, most), count: entries.length };
  }
  const ranges = parsed.filter((target) => target.kind === 'range');
  const names = parsed.filter((target) => target.kind === 'host').map(({ text }) => text);
  const runs = mergeRuns(ranges);
  const addresses = runs.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
  return {
    text: joined([...runs.map(runText), ...new Set(names)], most),
    count: Number(addresses) + new Set(names).size,
  };
}

/** One address, a network, or a range. */
function runText({ family, first, last }: Run): string {
  const size = last - first + 1n;
  const start = formatAddress(family, first);
  if (size === 1n) return start;
  const isNetwork = (size & (size - 1n)) === 0n && first % size === 0n;
  if (isNetwork) return `${start}/${(family === 4 ? 32 : 128) - (size.toString(2).length - 1)}`;
  const end = formatAddress(family, last);
  const isShort = family === 4 && first >> 8n === last >> 8n;
  return `${start}-${isShort ? last & 255n : end}`;
}

/** As many entries as fit, and how many do not. */
function joined(entries: readonly string[], most: number): string {
  const whole = entries.join(', ');
  if (whole.length <= most) return whole;
  let text = '';
  for (const [i, entry] of entries.entries()) {
    const rest = `and ${entries.length - i} more`;
    if (text.length + entry.length + rest.length + 4 > most)
      return text === '' ? `${entry.slice(0, most - rest.length - 3)}… ${rest}` : `${text}, ${rest}`;
    text += text === '' ? entry : `, ${entry}`;
  }
  return text;
}
