/**
 * A text of at most about so many characters; what was cut off is marked with its length.
 *
 * @example
 * ```ts
 * import { shorten } from '@nmcp/schema';
 *
 * console.assert(shorten('a long text', 6) === 'a long… [5 more characters]');
 * ```
 */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = /[\ud800-\udbff]/.test(text.charAt(most - 1)) ? most - 1 : most;
  return `${text.slice(0, end)}… [${text.length - end} more characters]`;
}
