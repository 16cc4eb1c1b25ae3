// What the edge packages' tests use of vitest, in any runtime: tests are gathered, then run in their order.
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  GLOBAL_EXPECT,
  getState,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from '@vitest/expect';
import * as chai from 'chai';

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);
export const expect = (value, message) => chai.expect(value, message);
Object.assign(expect, chai.expect, {
  getState: () => getState(expect),
  setState: (state) => setState(state, expect),
});
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
Object.assign(expect, globalThis[ASYMMETRIC_MATCHERS_OBJECT] ?? {});
setState(
  {
    assertionCalls: 0,
    isExpectingAssertions: false,
    isExpectingAssertionsError: null,
    expectedAssertionsNumber: null,
    expectedAssertionsNumberErrorGen: null,
  },
  expect,
);

const tests = [];
const path = [];

export function describe(name, body) {
  path.push(name);
  body();
  path.pop();
}

export function test(name, body) {
  tests.push({ name: [...path, name].join(' > '), body });
}
export const it = test;

describe.each = (rows) => (name, body) =>
  each(rows, name, (full, args) => describe(full, () => body(...args)));
test.each = (rows) => (name, body) => each(rows, name, (full, args) => test(full, () => body(...args)));
test.skipIf = (condition) => (condition ? () => {} : test);
describe.skipIf = (condition) => (condition ? () => {} : describe);

function each(rows, name, add) {
  for (const row of rows) {
    const args = Array.isArray(row) ? row : [row];
    let used = 0;
    add(
      name.replace(/%[sdijo]/g, () => String(args[used++])),
      args,
    );
  }
}

/** Runs all tests. @returns {Promise<{passed: number, failures: string[]}>} */
export async function runAll() {
  const failures = [];
  for (const { name, body } of tests) {
    try {
      await body();
    } catch (error) {
      failures.push(`${name}: ${error?.message ?? error}`);
    }
  }
  return { passed: tests.length - failures.length, failures };
}
