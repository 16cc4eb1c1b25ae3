import { expect, test } from 'vitest';
import { foldTargets } from './mod.ts';

const listOf = (count: number, at: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => at(i)).join(',');

test.each<[string, string, number]>([
  ['10.0.0.7', '10.0.0.7', 1],
  ['10.0.0.0/24, web.example.org', '10.0.0.0/24, web.example.org', 257],
  ['10.0.0.5,10.0.0.6,10.0.0.7', '10.0.0.5-7', 3],
  ['10.0.0.250-10.0.1.3', '10.0.0.250-10.0.1.3', 10],
  ['10.0.1.0/24,10.0.0.0/24', '10.0.0.0/23', 512],
  ['10.0.0.1 10.0.0.1', '10.0.0.1', 1],
  ['2001:db8::1,2001:db8::2', '2001:db8::1-2001:db8::2', 2],
  ['what is this?', 'what, is, this?', 3],
  ['', '', 0],
])('%s is %s', (targets, text, count) => {
  expect(foldTargets(targets)).toEqual({ text, count });
});

test('thousands of addresses are a few blocks', () => {
  const folded = foldTargets(listOf(2500, (i) => `10.${20 + Math.floor(i / 250)}.1.${1 + (i % 250)}`));
  expect(folded.count).toBe(2500);
  expect(folded.text).toMatch(/^10\.20\.1\.1-250, 10\.21\.1\.1-250, .*/);
  expect(folded.text.length).toBeLessThanOrEqual(200);
});

test('what does not fit is counted', () => {
  const folded = foldTargets(listOf(2500, (i) => `10.${i % 250}.${Math.floor(i / 250) * 3}.7`));
  expect(folded.text).toMatch(/, and \d+ more$/);
  expect(folded.text.length).toBeLessThanOrEqual(200);
  const shown = folded.text.split(', ').length - 1;
  expect(folded.text.endsWith(`and ${2500 - shown} more`)).toBe(true);
});

test('a name that is too long by itself is cut', () => {
  expect(foldTargets(`${'x'.repeat(900)}!`).text.length).toBeLessThanOrEqual(200);
});
