import type { FieldValue } from './finding.ts';

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

/** Names of fields as members of an object begin. They come from documents, so those that are kept have a limit. */
const names = new Map<string, string>();
const MAX_NAMES = 2000;

/** A name with the colon behind it. */
export function jsonName(field: string): string {
  const known = names.get(field);
  if (known !== undefined) return known;
  const name = `${JSON.stringify(field)}:`;
  if (names.size < MAX_NAMES) names.set(field, name);
  return name;
}

/** `JSON.stringify` of a field's value. */
export function jsonValue(value: FieldValue): string {
  return typeof value === 'string' ? jsonText(value) : JSON.stringify(value);
}
