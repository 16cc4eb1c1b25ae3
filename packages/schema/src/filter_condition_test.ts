import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCondition } from './filter_condition.ts';

const ask = (condition: unknown, value: string | number | boolean): boolean =>
  parseCondition(condition, 'f', 'f').value(value);

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
    const many = parseCondition({ in: Array.from({ length: 10_000 }, (_, i) => `host-${i}`) }, 'f', 'f');
    let looked = 0;
    for (let i = 0; i < 200_000; i++) if (many.value(`host-${i}`)) looked++;
    expect(looked).toBe(10_000);
  });

  test('has a bound', () => {
    expect(() => parseCondition({ in: Array.from({ length: 10_001 }, String) }, 'f', 'f')).toThrow(
      /f: in.*at most 10000 values are allowed, and there are 10001/,
    );
  });
});

test('an address is within ranges exactly where its number is, whatever their parts have in common', () => {
  const textOf = (number: number): string => [24, 16, 8, 0].map((bits) => (number >>> bits) & 255).join('.');
  const base = 0x0a_00_02_00;
  const near = fc.oneof(
    fc.integer({ min: base - 300, max: base + 300 }),
    fc.integer({ min: base, max: base + 0x30_00_00 }),
    fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
  );
  const range = fc.tuple(near, near).map((ends) => ends.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(
      fc.array(range, { minLength: 1, maxLength: 3 }),
      fc.array(near, { minLength: 10 }),
      (ranges, tried) => {
        const cidr = ranges.map(([first = 0, last = 0]) => `${textOf(first)}-${textOf(last)}`).join(',');
        const { value } = parseCondition({ cidr }, 'f', 'f');
        for (const number of [...ranges.flat(), ...tried]) {
          const isIn = ranges.some(([first = 0, last = 0]) => number >= first && number <= last);
          expect([textOf(number), value(textOf(number))]).toEqual([textOf(number), isIn]);
        }
      },
    ),
  );
});

describe('a regular expression', () => {
  test.each([
    ['(?:a{1,100}){1,100}', /repetitions may multiply to at most 1000/],
    ['((a{30}){30}){30}', /repetitions may multiply to at most 1000/],
    ['(?:abcdefgh){900}', /the pattern is too large/],
    ['(a', /is not a regular expression in RE2 syntax/],
    ['a'.repeat(501), /at most 500 characters/],
    ['.*', /"\.\*" is found in every text; leave it out, or write {"exists": true}/],
    ['x?', /is found in every text/],
    ['$', /is found in every text/],
  ])('%s is refused', (pattern, why) => {
    expect(() => parseCondition({ regex: pattern }, 'f', 'f')).toThrow(why);
  });

  test.each([
    ['CVE-\\d{4}-\\d{4,7}', 'see CVE-2021-44228'],
    ['^(?:\\d{1,3}\\.){3}\\d{1,3}$', '10.0.0.1'],
    ['open.?ssl \\d', 'OpenSSL 3'],
    ['^$', ''],
  ])('%s is taken', (pattern, value) => {
    expect(ask({ regex: pattern }, value)).toBe(true);
  });
});

describe('a whole value is exact, other text is looked for', () => {
  const asks = (field: string, condition: unknown, value: string): boolean =>
    parseCondition(condition, `filters.${field}`, field).value(value);

  test.each<[string, unknown, string, boolean]>([
    ['host', '10.20.1.23', '10.20.1.23', true],
    ['host', '10.20.1.23', '10.20.1.230', false],
    ['host', '10.20.1.23', '110.20.1.23', false],
    ['host', '10.20.1.', '10.20.1.230', true],
    ['host', '10.20.3.0/24', '10.20.3.7', true],
    ['host', '10.20.3.0/24', '10.20.4.7', false],
    ['host', '10.20.3.5-9', '10.20.3.7', true],
    ['host', '10.20.3.5 - 10.20.4.1', '10.20.3.250', true],
    ['host', '10.20.3.5, 10.20.9.0/30', '10.20.9.2', true],
    ['host', '10.20.3.5 10.20.3.6', '10.20.3.6', true],
    ['host', '2001:db8::1', '2001:0db8:0:0::1', true],
    ['host', '2001:db8::/32', '2001:db8::99', true],
    ['host', '2001:db8::/32', '10.0.0.1', false],
    ['host', { in: ['10.20.3.0/24', 'web'] }, '10.20.3.7', true],
    ['host', { in: ['10.20.3.0/24', 'web'] }, 'web', true],
    ['host', { ne: '10.20.3.0/24' }, '10.20.3.7', false],
    ['host', 'web', 'www.WEB01.example.org', true],
    ['host', 'web-10', 'web-10.example.org', true],
    ['port', '80', '80', true],
    ['port', '80', '8080', false],
    ['port', '80, 443', '443', true],
    ['plugin_id', '1234', '51234', false],
    ['severity', 'critical', '4', true],
    ['severity', 'Critical, high', '3', true],
    ['severity', '>=high', '3', true],
    ['severity', '> High', '3', false],
    ['severity', { in: ['critical', 3] }, '3', true],
    ['severity', { gte: 'medium', lt: 'critical' }, '4', false],
    ['severity', { eq: 'info' }, '0', true],
    ['cve', 'CVE-2021-4422', 'CVE-2021-44228', false],
    ['cve', 'cve-2021-44228', 'CVE-2021-44228', true],
    ['cve', '2021-4422', 'CVE-2021-44228', true],
    ['plugin_name', '80', 'Port 8080', true],
  ])('%s %j against %s: %s', (field, condition, value, expected) => {
    expect(asks(field, condition, value)).toBe(expected);
  });

  test.each<[string, unknown, RegExp]>([
    [
      'host',
      '10.20.3.0/99',
      /filters: host: "10\.20\.3\.0\/99": the prefix length must be a number from 0 to 32/,
    ],
    ['host', '10.20.3.9-5', /filters: host: "10\.20\.3\.9-5": the range ends before it starts/],
    ['host', '10.20.3.9-10.20.3.1', /the range ends before it starts/],
    ['host', { cidr: '10.0.0.0-2001:db8::1' }, /both ends of a range must be of one address family/],
    ['host', { in: [] }, /the list is empty, so nothing can match/],
    [
      'severity',
      'urgent',
      /"urgent" is not a severity; expected info, low, medium, high, critical or 0 to 4/,
    ],
    ['severity', '>=bad', /">=bad" is not a severity/],
    ['severity', { in: ['critical', 'worst'] }, /"worst" is not a severity/],
    ['severity', { gte: 'critical', lte: 'low' }, /the range ends before it starts, so nothing can match/],
    ['cvss_score', { gte: 9, lte: 7 }, /the range ends before it starts/],
    ['vuln_publication_date', { gt: '2024-01-01', lt: '2023-01-01' }, /the range ends before it starts/],
  ])('%s %j is refused', (field, condition, why) => {
    expect(() => parseCondition(condition, `filters.${field}`, field)).toThrow(why);
  });
});
