/** A 32-bit hash of a text (FNV-1a with a final mix), the same everywhere. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A number from 0 up to 1, the same for the same text. */
export function fraction(text: string): number {
  return hash32(text) / 2 ** 32;
}

/** One of several, the same for the same text. */
export function pick<T>(items: readonly [T, ...T[]], text: string): T {
  return items[Math.floor(fraction(text) * items.length)] ?? items[0];
}

/** Hexadecimal digits, the same for the same text. */
export function hexDigits(text: string, length: number): string {
  let digits = '';
  for (let i = 0; digits.length < length; i++) digits += hash32(`${text}/${i}`).toString(16).padStart(8, '0');
  return digits.slice(0, length);
}
