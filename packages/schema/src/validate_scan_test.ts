import { describe, expect, test } from 'vitest';
import { createScanValidator, credentialedChecks, type Finding, type ScanValidation } from './mod.ts';

/** Plugins by host; `19506:yes` gives the scan information its line. */
function validate(hosts: Record<string, string[]>, credentialsGiven?: boolean): ScanValidation {
  const validator = createScanValidator({ credentialsGiven });
  for (const [host, plugins] of Object.entries(hosts)) {
    validator.add({ type: 'host', host: { name: host, properties: {} } });
    for (const plugin of plugins) {
      const [plugin_id = '', word] = plugin.split(':');
      const plugin_output = word ? `x\n  Credentialed checks : ${word}, as 'root' via ssh\n` : '';
      validator.add({
        type: 'finding',
        finding: {
          type: 'vulnerability',
          host,
          plugin_id,
          severity: '0',
          plugin_output,
        } as unknown as Finding,
      });
    }
  }
  return validator.result(2048);
}

describe('authentication', () => {
  test.each([
    ['all hosts say yes', { a: ['19506:yes'], b: ['141118'] }, 'success'],
    ['one of two', { a: ['19506:yes'], b: ['19506:no'] }, 'partial'],
    ['none', { a: ['19506:no', '104410'], b: ['21745'] }, 'failed'],
    ['an SSL certificate check is no login', { a: ['51192', '19506:no'] }, 'failed'],
    ['insufficient privilege makes a host partial', { a: ['19506:yes', '110385'] }, 'partial'],
    ['Windows without admin rights', { a: ['19506:yes', '24786'] }, 'partial'],
    ['intermittent failure', { a: ['19506:yes', '117885'] }, 'partial'],
    ['no host at all', {}, 'failed'],
  ] as const)('%s', (_name, hosts, expected) => {
    expect(validate(hosts as unknown as Record<string, string[]>, true).authentication_status).toBe(expected);
  });

  test('a scan without credentials has none to judge', () => {
    expect(validate({ a: ['110723', '19506:no'] }, false).authentication_status).toBe('not_applicable');
  });

  test('an import is judged by whether a host tells of a login', () => {
    expect(validate({ a: ['19506:no', '110723', '21745'] }).authentication_status).toBe('not_applicable');
    expect(validate({ a: ['104410'] }).authentication_status).toBe('failed');
    expect(validate({ a: ['19506:yes'] }).authentication_status).toBe('success');
  });

  test('leading blanks before the line occur', () => {
    expect(credentialedChecks("\n  Credentialed checks : yes, as 'x' via ssh")).toBe('yes');
    expect(credentialedChecks('Some other checks : yes')).toBeUndefined();
  });
});

test('severities are counted, and odd ones told', () => {
  const validator = createScanValidator();
  for (const severity of ['0', '1', '2', '3', '4', '4', '9']) {
    validator.add({
      type: 'finding',
      finding: { type: 'vulnerability', host: 'h', severity } as unknown as Finding,
    });
  }
  const { stats, warnings } = validator.result(1024);
  expect(stats.severity_breakdown).toEqual({ critical: 2, high: 1, medium: 1, low: 1, info: 1 });
  expect(stats).toMatchObject({ total_vulnerabilities: 5, file_size_kb: 1 });
  expect(warnings.join()).toContain('1 findings have a severity other than 0 to 4');
});
