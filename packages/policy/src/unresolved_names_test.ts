import { describe, expect, test } from 'vitest';
import { createScanPolicy, parsePolicy, type ScanPolicy, type ScanPolicyOptions } from './mod.ts';

const NAMES: Readonly<Record<string, string[]>> = {
  'web.corp.example': ['10.0.0.7'],
  'mixed.corp.example': ['10.0.0.8', '169.254.169.254'],
};

function policy(yaml: string, options: Partial<ScanPolicyOptions> = {}): ScanPolicy {
  return createScanPolicy({
    document: parsePolicy(yaml),
    resolve: async (name) => NAMES[name] ?? [],
    ...options,
  });
}

const ask = (p: ScanPolicy, targets: string): Promise<string> =>
  p.admit({ targets, pool: 'nessus', caller: 'local' }).then(
    ({ targets: pinned }) => pinned,
    (error) => `${error.code}: ${error.message}`,
  );

describe('a name without an address', () => {
  const named = 'default: {allow: [10.0.0.0/8, "*.corp.example"], unresolved: scanner}';

  test('is left to the scanner where a rule says so and names it', async () => {
    expect(await ask(policy(named), 'new.corp.example')).toBe('new.corp.example');
    const failing = policy(named, { resolve: () => Promise.reject(new Error('SERVFAIL')) });
    expect(await ask(failing, 'new.corp.example')).toBe('new.corp.example');
    // what has an address is checked and pinned as ever
    expect(await ask(policy(named), 'web.corp.example')).toBe('web.corp.example[10.0.0.7]');
    expect(await ask(policy(named), 'mixed.corp.example')).toMatch(/cloud metadata/);
  });

  test.each([
    ['by default', 'default: {allow: ["*.corp.example"]}', /\(unresolved: deny\); give its address/],
    [
      'where only networks are allowed',
      'default: {allow: [10.0.0.0/8], unresolved: scanner}',
      /default.allow does not name it/,
    ],
    [
      'where a list denies it',
      `default: {allow: ["*.corp.example"], deny: [new.corp.example], unresolved: scanner}`,
      /default.deny/,
    ],
    [
      'where one part says so and another denies it',
      `${named}\npools: {nessus: {unresolved: deny}}`,
      /unresolved: deny/,
    ],
  ])('is refused %s', async (_where, yaml, why) => {
    expect(await ask(policy(yaml), 'new.corp.example')).toMatch(why);
  });
});
