import { describe, expect, test } from 'vitest';
import { isTargetRule, requireBoundTargets } from './mod.ts';

describe('credentials that are bound', () => {
  const allowed = ['10.20.0.0/16', '2001:db8:1::/48', '*.linux.example.org', 'db.example.org'];

  test.each([
    '10.20.3.4',
    '10.20.0.0/24, 10.20.255.255',
    'web.linux.example.org[192.0.2.7]',
    'DB.example.org[192.0.2.8]',
    'other.example.org[10.20.9.9]',
    '2001:db8:1::5',
  ])('may be used on %s', (targets) => {
    expect(() => requireBoundTargets(targets, allowed)).not.toThrow();
  });

  test.each([
    ['10.21.0.1', '10.21.0.1'],
    ['10.20.0.1, 10.20.255.0-10.21.0.1', '10.20.255.0-10.21.0.1'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['evil.example.com[192.0.2.7]', 'evil.example.com'],
    ['linux.example.org[192.0.2.7]', 'linux.example.org'],
    ['db.example.org.evil.com[192.0.2.7]', 'db.example.org.evil.com'],
    ['2001:db8:2::5', '2001:db8:2::5'],
  ])('may not be used on %s', (targets, named) => {
    const refused = { code: 'policy_denied', message: expect.stringContaining(`The target ${named}`) };
    expect(() => requireBoundTargets(targets, allowed)).toThrow(expect.objectContaining(refused));
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
