import { describe, expect, test } from 'vitest';
import { explore } from './task_life_test_explore.ts';
import { ALL_RULES, type Rules } from './task_life_test_model.ts';

describe('the life of a task, explored to its bound', () => {
  test('keeps every promise, whatever happens when', () => {
    const { worlds, found, stuck } = explore(ALL_RULES);
    expect([found, stuck]).toEqual([undefined, undefined]);
    expect(worlds).toBeGreaterThan(1000);
  }, 300_000);

  test.each(Object.keys(ALL_RULES) as (keyof Rules)[])(
    'and breaks one without the rule %s',
    (rule) => {
      const { found, stuck } = explore({ ...ALL_RULES, [rule]: false });
      expect(found?.why ?? stuck).toBeDefined();
    },
    300_000,
  );
});
