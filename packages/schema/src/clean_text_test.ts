import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanJsonLine, cleanText, cleanValue } from './clean_text.ts';

describe('text of a scanned host', () => {
  test.each([
    ['colours', '\u001b[1;31mFAILED\u001b[0m', 'FAILED'],
    ['a cursor that goes up and overwrites', 'ok\u001b[1A\u001b[2Khidden', 'okhidden'],
    ['a title of the terminal', '\u001b]0;owned\u0007text', 'text'],
    ['a link of the terminal', '\u001b]8;;http://evil\u001b\\click\u001b]8;;\u001b\\', 'click'],
    ['C1 control characters', '\u009b31mred\u0090', 'red'],
    ['a bell and backspaces', 'a\u0007b\b\bc', 'abc'],
    ['a carriage return that hides', 'harmless\rrm -rf', 'harmless\nrm -rf'],
    ['line ends of Windows', 'a\r\nb', 'a\nb'],
    ['text from right to left', 'abc\u202Etxt.exe\u202C', 'abctxt.exe'],
    ['isolates', '\u2066a\u2069', 'a'],
    ['zero-width characters', 'ig\u200bno\u200dre\u2060', 'ignore'],
    ['a byte order mark in the middle', 'a\uFEFFb', 'ab'],
    [
      'tag characters that spell a text',
      `x${[...'HI'].map((c) => String.fromCodePoint(0xe0000 + c.charCodeAt(0))).join('')}y`,
      'xy',
    ],
    ['variation selectors that hide bytes', `x${String.fromCodePoint(0xe0101, 0xe0155)}\uFE0Fy`, 'xy'],
    ['soft hyphens', 'pass\u00adword', 'password'],
    ['half a character', 'a\ud83db', 'ab'],
    ['fillers of Hangul', 'a\u3164b', 'ab'],
    ['a zero byte', 'a\u0000b', 'ab'],
  ])('%s', (_name, text, cleaned) => {
    expect(cleanText(text)).toBe(cleaned);
    expect(JSON.parse(cleanJsonLine(JSON.stringify({ f: text })))).toEqual({ f: cleaned });
  });

  test.each(['Grüße, 世界 🎉', 'a\tb\nc', '\\u001b[31m as it is written', 'C:\\temp\\new'])(
    '%s stays',
    (text) => {
      expect(cleanText(text)).toBe(text);
      expect(JSON.parse(cleanJsonLine(JSON.stringify({ f: text })))).toEqual({ f: text });
    },
  );

  test('that is too long is cut, and says so', () => {
    expect(cleanText('x'.repeat(30), 10)).toBe(`${'x'.repeat(10)}\n[20 more characters]`);
  });

  test('is clean once and for all, and lines are cleaned as values are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(cleanText(cleanText(text))).toBe(cleanText(text));
        const value = { type: 'vulnerability', plugin_output: text, cve: [text] };
        expect(JSON.parse(cleanJsonLine(JSON.stringify(value)))).toEqual(cleanValue(value));
      }),
      { numRuns: 2000 },
    );
  });
});
