import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Target } from './target.ts';
import { countAddresses, formatAddress, parseTargets, targetsOverlap } from './targets.ts';

describe('parseTargets', () => {
  test.each([
    ['10.0.0.1', 1n],
    ['10.0.0.0/28', 16n],
    ['10.0.0.7/28', 16n],
    ['10.0.0.0/255.255.255.0', 256n],
    ['10.0.0.1-20', 20n],
    ['10.0.0.250-10.0.1.5', 12n],
    ['10.0.0.1, 10.0.0.2\n10.0.0.3;10.0.0.4', 4n],
    ['2001:db8::/64', 2n ** 64n],
    ['web.example.org', 1n],
    ['web[10.0.0.1]', 1n],
    ['0.0.0.0/0', 2n ** 32n],
  ])('%s has %s addresses', (text, count) => {
    expect(countAddresses(parseTargets(text))).toBe(count);
  });

  test.each([
    ['', /targets is empty/],
    [' , ', /targets is empty/],
    ['10.0.0.0/33', /entry 1, "10.0.0.0\/33": the prefix length must be a number from 0 to 32/],
    ['10.0.0.300', /is not an IPv4 address/],
    ['10.0.0.1, 10.0.0', /entry 2, "10.0.0": is not an IPv4 address/],
    ['010.0.0.1', /is not an IPv4 address/],
    ['0x0a000001', /cannot be a host name/],
    ['2130706433', /is not an IPv4 address/],
    ['10.0.0.9-3', /the range ends before it starts/],
    ['10.0.0.1-300', /at most 255/],
    ['10.0.0.1-::1', /one address family/],
    ['exa mple.org/x', /not an address/],
    ['-rf', /neither an address/],
    ['host\u0000name', /neither an address/],
    ['fe80::1%eth0', /not an IPv6 address/],
  ])('%j is refused', (text, why) => {
    expect(() => parseTargets(text)).toThrow(why);
  });

  test('a list of 10 MB is refused before it is read', () => {
    expect(() => parseTargets('10.0.0.1,'.repeat(1_200_000))).toThrow(/at most 65536/);
  });

  test('an IPv4-mapped IPv6 address is the IPv4 address', () => {
    expect(targetsOverlap(parseTargets('::ffff:10.0.0.1'), parseTargets('10.0.0.0/24'))).toBe(true);
  });
});

const address = fc.integer({ min: 0, max: 0xffffffff }).map((n) => formatAddress(4, BigInt(n)));
const target = fc.oneof(
  address,
  fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([base, bits]) => `${base}/${bits}`),
  fc.constantFrom('a.example.org', 'b.example.org'),
);

describe('targetsOverlap', () => {
  test('of long lists is that of their entries', () => {
    const list = (max: number) =>
      fc.array(target, { minLength: 1, maxLength: max }).map((all) => all.join(' '));
    fc.assert(
      fc.property(list(3), list(200), (a, b) => {
        const [x, y] = [parseTargets(a), parseTargets(b)];
        expect(targetsOverlap(x, y)).toBe(x.some((one) => y.some((other) => targetsOverlap([one], [other]))));
      }),
    );
  });

  test('of two lists of 5000 addresses takes no look at each pair', () => {
    const hosts = (net: number) => Array.from({ length: 5000 }, (_, i) => `10.${net}.${i >> 8}.${i & 255}`);
    const [a, b] = [hosts(1), hosts(2)].map((names) => parseTargets(names.join(' '), { maxLength: 100_000 }));
    let looks = 0;
    const get = (of: Target, key: PropertyKey): unknown => {
      looks++;
      return Reflect.get(of, key);
    };
    const counted = b?.map((range) => new Proxy(range, { get }));
    expect(targetsOverlap(a ?? [], counted ?? [])).toBe(false);
    expect(looks).toBeLessThan(1_000_000);
  });

  test('is symmetric, and true of a list and itself', () => {
    fc.assert(
      fc.property(target, target, (a, b) => {
        const [x, y] = [parseTargets(a), parseTargets(b)];
        expect(targetsOverlap(x, x)).toBe(true);
        expect(targetsOverlap(x, y)).toBe(targetsOverlap(y, x));
      }),
    );
  });

  test('an address overlaps a network exactly when masking says so', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.integer({ min: 1, max: 32 }),
        (a, n, bits) => {
          const mask = bits === 32 ? 0xffffffff : ~(0xffffffff >>> bits) >>> 0;
          const isInside = (a & mask) >>> 0 === (n & mask) >>> 0;
          const network = parseTargets(`${formatAddress(4, BigInt(n))}/${bits}`);
          expect(targetsOverlap(parseTargets(formatAddress(4, BigInt(a))), network)).toBe(isInside);
        },
      ),
    );
  });
});
