import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from './json_text.ts';

/** Texts with what JSON escapes, and with characters of one to four bytes. */
const text = fc
  .array(
    fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...'"\\\b\t\n\f\r\u0000\u001f\u007f/é€😀')),
  )
  .map((parts) => parts.join(''));

test('a text in JSON is what JSON.stringify makes of it', () =>
  fc.assert(
    fc.property(text, (value) => {
      expect(jsonText(value)).toBe(JSON.stringify(value));
    }),
    { numRuns: 2000 },
  ));

test('halves of characters are escaped in a string', () => {
  expect(jsonText('a\ud800')).toBe(JSON.stringify('a\ud800'));
});
