import { formatAddress } from '@nmcp/types';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CompiledRules } from './compiled_rules.ts';
import { rangesOf } from './networks.ts';
import type { PolicyDocument, PolicyRules } from './policy_rules.ts';

// A world of 1024 addresses, of which 16 are loopback and 16 multicast, so that every one can be asked about.
const BASES = [0x0a000000n, 0x7f000000n, 0xe0000000n];
const SIZES = [992n, 16n, 16n];
const WORLD = BASES.flatMap((base, i) =>
  Array.from({ length: Number(SIZES[i]) }, (_, n) => base + BigInt(n)),
);
const SPECIAL = (address: bigint): boolean => address >= 0x7f000000n;

const network = fc
  .tuple(fc.constantFrom(...WORLD), fc.integer({ min: 22, max: 32 }))
  .map(([address, bits]) => `${formatAddress(4, address)}/${bits}`);
const range = fc
  .tuple(fc.constantFrom(...WORLD.slice(0, 900)), fc.integer({ min: 0, max: 90 }))
  .map(([first, more]) => `${formatAddress(4, first)}-${formatAddress(4, first + BigInt(more))}`);
const entries = fc.array(fc.oneof(network, range, fc.constant('0.0.0.0/0')), { maxLength: 6 });
const rules: fc.Arbitrary<PolicyRules> = fc.record({ allow: entries, deny: entries }, { requiredKeys: [] });
const document: fc.Arbitrary<PolicyDocument> = fc.record(
  {
    default: rules,
    pools: fc.record({ p: rules }, { requiredKeys: [] }),
    callers: fc.record({ c: rules }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

const holds = (texts: readonly string[], address: bigint): boolean =>
  texts.some((text) => rangesOf(text).some(({ first, last }) => first <= address && address <= last));

/** The same rules, one address at a time. */
function naive(policy: PolicyDocument, address: bigint): boolean {
  const specific = [policy.pools?.p, policy.callers?.c].filter((each) => each !== undefined);
  const all = [policy.default, ...specific].filter((each) => each !== undefined);
  if (all.some(({ deny = [] }) => holds(deny, address))) return false;
  const named = all
    .flatMap(({ allow = [] }) => allow)
    .filter((text) => {
      const [span] = rangesOf(text);
      if (!span) return false;
      const inLoopback = span.first >= 0x7f000000n && span.last <= 0x7fffffffn;
      const inMulticast = span.first >= 0xe0000000n && span.last <= 0xefffffffn;
      return inLoopback || inMulticast;
    });
  if (SPECIAL(address) && !holds(named, address)) return false;
  const lists = specific.flatMap(({ allow }) => (allow ? [allow] : []));
  if (lists.length > 0) return lists.every((list) => holds(list, address));
  return policy.default?.allow ? holds(policy.default.allow, address) : address < 0x7f000000n;
}

test('allows exactly what an address-by-address check allows', () => {
  fc.assert(
    fc.property(
      document,
      fc.array(fc.oneof(network, range), { minLength: 1, maxLength: 4 }),
      (policy, targets) => {
        const compiled = new CompiledRules(policy, 'p', 'c', []);
        for (const target of targets) {
          for (const span of rangesOf(target)) {
            const inWorld = WORLD.filter((address) => span.first <= address && address <= span.last);
            for (const address of inWorld.filter((_, i) => i % 7 === 0)) {
              const one = { family: 4 as const, first: address, last: address };
              expect([formatAddress(4, address), !compiled.refuseRange('t', one)]).toEqual([
                formatAddress(4, address),
                naive(policy, address),
              ]);
            }
            if (BigInt(inWorld.length) !== span.last - span.first + 1n) continue; // reaches out of the world
            expect(!compiled.refuseRange('t', span)).toBe(inWorld.every((address) => naive(policy, address)));
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});
