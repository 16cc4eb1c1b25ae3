import { TOOL_NAMES } from '@nmcp/schema';
import { expect, test } from 'vitest';
import { TOOLS } from './mod.ts';

test('the names that a text of a host is suspicious for are those of the tools', () => {
  expect([...TOOL_NAMES].sort()).toEqual(TOOLS.map(({ rules }) => rules.name).sort());
});
