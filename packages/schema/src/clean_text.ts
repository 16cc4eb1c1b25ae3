/** Zero-width characters, fillers, and those that turn the direction of a text. */
const INVISIBLE =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb';

/** What a model, a terminal or a reader could be led astray by, and what nobody can see. */
const HIDDEN = new RegExp(
  [
    // ANSI escape sequences: colours, cursor movements, titles
    '\\u001b\\[[0-?]*[ -/]*[@-~]',
    '\\u001b\\][^\\u0007\\u001b]*(?:\\u0007|\\u001b\\\\)?',
    '\\u001b[@-Z\\\\^_`a-z]?',
    '\\u009b[0-?]*[ -/]*[@-~]',
    // control characters but line end and tabulator
    '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]',
    `[${INVISIBLE}]`,
    // tag characters and variation selectors, in which a whole text can be hidden
    '\\udb40[\\udc00-\\udfff]',
    // halves of a character
    '[\\ud800-\\udbff](?![\\udc00-\\udfff])',
    '(?<![\\ud800-\\udbff])[\\udc00-\\udfff]',
  ].join('|'),
  'g',
);

/** What most texts have nothing of, which is found out in a fraction of the time. */
const UNPLAIN = /[^\t\n\x20-\x7e]/;

/** Characters of one text. */
const MAX_LENGTH = 65_536;

/**
 * Text that a scanned host could have written, for a model or a person: without control characters, escape sequences and
 * whatever cannot be seen, and of bounded length. Line ends become `\n`.
 *
 * @example
 * ```ts
 * import { cleanText } from '@nmcp/schema';
 *
 * console.assert(cleanText('\u001b[31mred\u001b[0m\u200b text') === 'red text');
 * ```
 */
export function cleanText(text: string, maxLength: number = MAX_LENGTH): string {
  const cleaned = UNPLAIN.test(text) ? text.replaceAll(/\r\n?/g, '\n').replace(HIDDEN, '') : text;
  if (cleaned.length <= maxLength) return cleaned;
  return `${cleaned.slice(0, maxLength)}\n[${cleaned.length - maxLength} more characters]`;
}

/** The same for every text in a value, also for names of fields. */
export function cleanValue<T>(value: T): T {
  return cleanUnknown(value) as T; // of the same shape
}

function cleanUnknown(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(cleanUnknown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [cleanText(key, 200), cleanUnknown(item)]),
  );
}

/** Whether a line of JSON may hold something to clean; most do not, and are passed on as they are. */
const SUSPICIOUS = new RegExp(`\\\\u|\\\\[bfr]|[\\u007f-\\u009f\\ud800-\\udfff${INVISIBLE}]`);

/** One line of JSON, cleaned. */
export function cleanJsonLine(line: string): string {
  if (line.length <= MAX_LENGTH && !SUSPICIOUS.test(line)) return line;
  return JSON.stringify(cleanValue(JSON.parse(line)));
}
