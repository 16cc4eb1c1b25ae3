import { afterAll, expect, vi } from 'vitest';

/** Before the tests of each file; the next file is in the same process. */
const before = { ...process.env };

/** Variables that are not what they were. */
function changedVariables(): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(process.env)]);
  return [...names].filter((name) => process.env[name] !== before[name]);
}

afterAll(() => {
  const what = 'what a file changes in its process it has to put back, since the next one runs there';
  expect(changedVariables(), `variables of the environment: ${what}`).toEqual([]);
  expect(vi.isFakeTimers(), `timers: ${what}`).toBe(false);
});
