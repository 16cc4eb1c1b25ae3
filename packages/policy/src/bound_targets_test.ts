import { describe, expect, test } from 'vitest';
import { requireBoundTargets } from './bound_targets.ts';
import { isTargetRule } from './mod.ts';
import { rangesOf } from './networks.ts';

const NAMES: Readonly<Record<string, string>> = {
  'web.linux.example.org': '192.0.2.7',
  'db.example.org': '192.0.2.8',
};
const lookUp = async (name: string): Promise<{ addresses: ReturnType<typeof rangesOf> }> => ({
  addresses: NAMES[name] ? rangesOf(NAMES[name]) : [],
});

describe('credentials that are bound', () => {
  const allowed = ['10.20.0.0/16', '2001:db8:1::/48', '*.linux.example.org', 'db.example.org'];

  test.each([
    '10.20.3.4',
    '10.20.0.0/24, 10.20.255.255',
    'web.linux.example.org[192.0.2.7]',
    'DB.example.org[192.0.2.8]',
    '192.0.2.8',
    'alias.example.org[192.0.2.8]',
    'other.example.org[10.20.9.9]',
    '2001:db8:1::5',
  ])('may be used on %s', async (targets) => {
    await requireBoundTargets(targets, allowed, lookUp);
  });

  test.each([
    ['10.21.0.1', '10.21.0.1'],
    ['10.20.0.1, 10.20.255.0-10.21.0.1', '10.20.255.0-10.21.0.1'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['evil.example.com[192.0.2.7]', 'evil.example.com'],
    ['linux.example.org[192.0.2.7]', 'linux.example.org'],
    ['db.example.org.evil.com[192.0.2.7]', 'db.example.org.evil.com'],
    ['2001:db8:2::5', '2001:db8:2::5'],
    ['db.example.org[192.0.2.66]', 'db.example.org'], // a caller pins what he likes
    ['web.linux.example.org[192.0.2.66]', 'web.linux.example.org'],
    ['mine.linux.example.org[192.0.2.66]', 'mine.linux.example.org'],
  ])('may not be used on %s', async (targets, named) => {
    const refused = { code: 'policy_denied', message: expect.stringContaining(`The target ${named}`) };
    await expect(requireBoundTargets(targets, allowed, lookUp)).rejects.toMatchObject(refused);
  });

  test.each([
    ['10.0.0.0/8', true],
    ['10.0.0.1-10.0.0.9', true],
    ['*.example.org', true],
    ['web.example.org', true],
    ['10.0.0.1, 10.0.0.2', false],
    ['*', false],
    ['', false],
    ['10.0.0.0/99', false],
  ])('%s is one of their targets: %s', (text, isOne) => {
    expect(isTargetRule(text)).toBe(isOne);
  });
});
