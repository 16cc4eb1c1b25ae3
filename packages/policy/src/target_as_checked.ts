import { type AddressRange, formatAddress } from '@nmcp/types';

/**
 * A run of addresses as text that says what was checked, and nothing else: `::ffff:10.0.0.1` is judged as 10.0.0.1, and a
 * scanner could read it otherwise.
 */
export function targetAsChecked({ text, family, first, last }: AddressRange): string {
  if (/^[\d./-]+$/.test(text)) return text; // IPv4 in decimal, of which there is one reading
  if (first === last) return formatAddress(family, first);
  const size = last - first + 1n;
  const bits = size.toString(2).length - 1;
  if (size === 1n << BigInt(bits) && first % size === 0n)
    return `${formatAddress(family, first)}/${(family === 4 ? 32 : 128) - bits}`;
  return `${formatAddress(family, first)}-${formatAddress(family, last)}`;
}
