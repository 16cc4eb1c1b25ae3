import { expect, test } from 'vitest';
import { judgeRoom } from './local_checks.ts';

const GIB = 1024 ** 3;

test.each([
  [1, 100, 'failed', /Free some space: scans wait/],
  [3, 100, 'warning', /COMPLETED_TTL_DAYS/],
  [4, 20, 'warning', /COMPLETED_TTL_DAYS/],
  [40, 100, 'ok', undefined],
])('a disk with %i GiB free of %i is %s', (free, all, state, advice) => {
  const result = judgeRoom('/data', free * GIB, all * GIB);
  expect(result.state).toBe(state);
  if (advice) expect(result.advice).toMatch(advice);
  expect(result.detail).toContain(`/data: ${free}.0 GiB free of ${all}.0`);
});
