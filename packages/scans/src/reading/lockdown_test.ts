import { shownFinding, shownLine } from '@nmcp/schema';
import { describe, expect, test } from 'vitest';
import { refuseHostOutput } from './lockdown.ts';

const finding = {
  type: 'vulnerability',
  host: '10.0.0.1',
  plugin_id: '7',
  plugin_name: 'P',
  plugin_family: 'F',
  severity: '3',
  port: '22',
  svc_name: 'ssh',
  protocol: 'tcp',
  synopsis: 'S',
  description: 'written by a host',
  plugin_output: 'written by a host',
  attachment: 'written by a host',
  'cm:compliance-actual-value': 'written by a host',
  'cm:compliance-output': 'written by a host',
  'cm:compliance-result': 'FAILED',
  a_new_element: 'written by a host',
  os_identification: 'written by a host',
} as const;
const lockdown = true;

describe('in lockdown', () => {
  test('a finding has what no host can write, and nothing else, known or not', () => {
    expect(JSON.stringify(shownFinding(finding, { lockdown }))).not.toContain('written');
    expect(shownFinding(finding, { lockdown })).toMatchObject({
      host: '10.0.0.1',
      synopsis: 'S',
      'cm:compliance-result': 'FAILED',
    });
    expect(shownLine(JSON.stringify(finding), { lockdown })).not.toContain('written');
    expect(shownLine(JSON.stringify(finding), { lockdown: false })).toContain('written');
  });

  test.each([
    [{ filters: { a_new_element: 'x' } }],
    [{ filters: { any: [{ severity: '>1' }, { not: { description: { contains: 'x' } } }] } }],
    [{ filters: { all: [{ attachment: { exists: true } }] } }],
    [{ sort: ['-severity', '-cm:compliance-actual-value'] }],
    [{ fields: ['host', 'constructor'] }],
    [{ filters: { os: 'windows' } }],
    [{ sort: ['host_fqdn'] }],
  ])('%j is refused', (asked) => {
    expect(() => refuseHostOutput(asked, { lockdown })).toThrow(
      /This server is in lockdown: ".*" can hold what a host wrote/,
    );
    expect(() => refuseHostOutput(asked, { lockdown: false })).not.toThrow();
  });

  test('what no host can write can be asked about', () => {
    const filters = {
      severity: '>=3',
      any: [{ cve: { exists: true } }, { not: { host: { cidr: '10.0.0.0/8' } } }],
    };
    expect(() =>
      refuseHostOutput({ filters, sort: ['-cvss_score'], fields: ['host', 'cve'] }, { lockdown }),
    ).not.toThrow();
  });
});
