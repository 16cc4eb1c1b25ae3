/** What has to be looked at by `JSON.stringify`; line ends, which are frequent, do not. */
const UNUSUAL = /[^\n\x20\x21\x23-\x5b\x5d-\ud7ff\ue000-\uffff]/;

/**
 * `JSON.stringify` of a text, in two thirds of the time for long ones without quotes.
 *
 * @example
 * ```ts
 * import { jsonText } from '@nmcp/schema';
 *
 * console.assert(jsonText('two\nlines') === JSON.stringify('two\nlines'));
 * ```
 */
export function jsonText(text: string): string {
  if (UNUSUAL.test(text)) return JSON.stringify(text);
  return text.includes('\n') ? `"${text.replaceAll('\n', '\\n')}"` : `"${text}"`;
}
