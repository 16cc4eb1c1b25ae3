/** A dot's distance from the digit 0. */
const DOT = -2;

/**
 * The number of an IPv4 address in four decimal parts without leading zeros; `undefined` for any other text. Lists of hosts are
 * long, and most of their entries are these.
 *
 * @example
 * ```ts
 * import { ipv4Number } from '@nmcp/types';
 *
 * console.assert(ipv4Number('10.0.1.2') === 167_772_418);
 * console.assert(ipv4Number('10.0.01.2') === undefined);
 * ```
 */
export function ipv4Number(text: string): number | undefined {
  let [sum, part, digits, dots] = [0, 0, 0, 0];
  for (let i = 0; i <= text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      if (digits > 0 && part === 0) return undefined;
      part = part * 10 + digit;
      if (++digits > 3) return undefined;
      continue;
    }
    if (digits === 0 || part > 255 || (i < text.length && digit !== DOT)) return undefined;
    sum = sum * 256 + part;
    [part, digits] = [0, 0];
    dots++;
  }
  return dots === 4 ? sum : undefined;
}
