import { expect, test } from 'vitest';
import { type Caller, hasScope, maySee, owns, ROLES, type Role, roleOf, SCOPES } from './mod.ts';

function callerOf(role: Role, pools?: string[]): Caller {
  return { name: role, scopes: ROLES[role], ...(pools ? { pools } : {}) };
}

test.each<[Role, string[]]>([
  ['viewer', ['read', 'read:all']],
  ['scanner', ['read', 'scan']],
  ['operator', ['read', 'scan', 'scan:credentials', 'read:all']],
  ['admin', ['read', 'scan', 'scan:credentials', 'admin', 'read:all']],
])('a %s has the scopes %s', (role, scopes) => {
  expect(SCOPES.filter((scope) => hasScope(callerOf(role), scope))).toEqual(scopes);
  expect(roleOf(ROLES[role])).toBe(role);
});

test('a viewer reads all scans of its pools, and owns none of them', () => {
  const scan = { owner: 'alice', scanner_pool: 'nessus' };
  expect(maySee(callerOf('viewer'), scan)).toBe(true);
  expect(maySee(callerOf('viewer', ['nessus']), scan)).toBe(true);
  expect(maySee(callerOf('viewer', ['nessus_dmz']), scan)).toBe(false);
  expect(maySee(callerOf('scanner'), scan)).toBe(false);
  expect(owns(callerOf('viewer'), 'alice')).toBe(false);
});
