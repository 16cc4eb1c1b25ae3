import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCondition } from './filter_condition.ts';

const ask = (condition: unknown, value: string | number | boolean): boolean =>
  parseCondition(condition, 'f').value(value);

describe('in', () => {
  test('is any of eq, whatever stands in it', () => {
    const scalar = fc.oneof(
      fc.constantFrom('a', 'A', '7', ' 7 ', '7.0', 'true', 'x y'),
      fc.constantFrom(7, 0, -1),
      fc.boolean(),
    );
    fc.assert(
      fc.property(fc.array(scalar, { minLength: 1, maxLength: 6 }), scalar, (list, value) => {
        expect(ask({ in: list }, value)).toBe(list.some((each) => ask({ eq: each }, value)));
      }),
    );
  });

  test('is a lookup: its size changes nothing of what a value costs', () => {
    const many = parseCondition({ in: Array.from({ length: 10_000 }, (_, i) => `host-${i}`) }, 'f');
    let looked = 0;
    for (let i = 0; i < 200_000; i++) if (many.value(`host-${i}`)) looked++;
    expect(looked).toBe(10_000);
  });

  test('has a bound', () => {
    expect(() => parseCondition({ in: Array.from({ length: 10_001 }, String) }, 'f')).toThrow(
      /f: in.*at most 10000 values are allowed, and there are 10001/,
    );
  });
});

describe('a regular expression', () => {
  test.each([
    ['(?:a{1,100}){1,100}', /repetitions may multiply to at most 1000/],
    ['((a{30}){30}){30}', /repetitions may multiply to at most 1000/],
    ['(?:abcdefgh){900}', /the pattern is too large/],
    ['(a', /is not a regular expression in RE2 syntax/],
    ['a'.repeat(501), /at most 500 characters/],
  ])('%s is refused', (pattern, why) => {
    expect(() => parseCondition({ regex: pattern }, 'f')).toThrow(why);
  });

  test.each([
    ['CVE-\\d{4}-\\d{4,7}', 'see CVE-2021-44228'],
    ['^(?:\\d{1,3}\\.){3}\\d{1,3}$', '10.0.0.1'],
    ['open.?ssl \\d', 'OpenSSL 3'],
  ])('%s is taken', (pattern, value) => {
    expect(ask({ regex: pattern }, value)).toBe(true);
  });
});
