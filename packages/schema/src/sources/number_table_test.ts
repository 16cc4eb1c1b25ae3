import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NumberTable } from './number_table.ts';

test('holds what a map holds', () => {
  const key = fc.oneof(
    fc.integer({ min: 0, max: 40 }),
    fc.maxSafeNat(),
    fc.constantFrom(0, Number.MAX_SAFE_INTEGER),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(key, fc.maxSafeNat()), { maxLength: 300 }), fc.array(key), (set, asked) => {
      const table = new NumberTable();
      const map = new Map<number, number>();
      for (const [name, value] of set) {
        table.set(name, value);
        map.set(name, value);
      }
      for (const name of [...map.keys(), ...asked]) expect(table.get(name)).toBe(map.get(name));
      expect([...table.values()].sort()).toEqual([...map.values()].sort());
    }),
  );
});
