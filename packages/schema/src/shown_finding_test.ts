import { expect, test } from 'vitest';
import { shownLine } from './shown_finding.ts';

const shown = (finding: object, lockdown = false): object =>
  JSON.parse(shownLine(JSON.stringify({ type: 'vulnerability', ...finding }), { lockdown }));

test('what a host wrote is marked before it stands there, and a severity is a word too', () => {
  const finding = {
    host: 'a',
    severity: '4',
    os: 'Linux',
    plugin_output: 'x',
    description: 'd',
    synopsis: 's',
  };
  expect(shown(finding)).toMatchObject({ from_host: ['os', 'plugin_output'], severity_name: 'critical' });
  expect(Object.keys(shown(finding)).slice(0, 2)).toEqual(['type', 'from_host']);
  expect(shown(finding, true)).toEqual({
    type: 'vulnerability',
    host: 'a',
    severity: '4',
    severity_name: 'critical',
    synopsis: 's',
  });
});

test('a finding without such texts has no mark; a description of a compliance check repeats what the host says', () => {
  expect(shown({ host: 'a', description: 'd' })).toEqual({
    type: 'vulnerability',
    host: 'a',
    description: 'd',
  });
  expect(shown({ description: 'd', compliance: 'true' })).toMatchObject({ from_host: ['description'] });
});
