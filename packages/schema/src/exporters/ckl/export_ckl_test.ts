import { DOMParser, type Element } from '@xmldom/xmldom';
import { expect, test } from 'vitest';
import { check, EVERYTHING, exported, host, report } from '../exporters_test_documents.ts';

/** The checks of a checklist: number, status, details. */
async function checksOf(xml: string): Promise<{ asset: string; checks: string[][] }> {
  const document = new DOMParser().parseFromString(await exported('ckl', xml), 'application/xml');
  const textIn = (element: Element | undefined, name: string): string =>
    element?.getElementsByTagName(name)[0]?.textContent ?? '';
  const checks = Array.from(document.getElementsByTagName('VULN'), (vuln) => {
    const data = Array.from(vuln.getElementsByTagName('STIG_DATA'), (each) => [
      textIn(each, 'VULN_ATTRIBUTE'),
      textIn(each, 'ATTRIBUTE_DATA'),
    ]);
    const of = Object.fromEntries(data);
    return [
      of.Vuln_Num ?? '',
      of.Severity ?? '',
      of.CCI_REF ?? '',
      textIn(vuln, 'STATUS'),
      textIn(vuln, 'FINDING_DETAILS'),
    ];
  });
  return { asset: textIn(Array.from(document.getElementsByTagName('ASSET'))[0], 'HOST_NAME'), checks };
}

test('has the checks of a host with their status, their numbers and what was found', async () => {
  const xml = report(
    host(
      'web-01',
      {},
      check('11', 'One', 'FAILED', 3),
      check('12', 'Two', 'PASSED', 0),
      check('13', 'Three', 'WARNING', 2),
      check('14', 'Four', 'ERROR', 2),
    ),
  );
  const { asset, checks } = await checksOf(xml);
  expect(asset).toBe('web-01');
  expect(checks).toEqual([
    ['V-11', 'high', 'CCI-0011', 'Open', 'Policy value:\nwants 11\n\nActual value:\nhas 11'],
    ['V-13', 'high', 'CCI-0013', 'Not_Reviewed', 'Policy value:\nwants 13\n\nActual value:\nhas 13'],
    ['V-14', 'high', 'CCI-0014', 'Not_Reviewed', 'Policy value:\nwants 14\n\nActual value:\nhas 14'],
    ['V-12', 'high', 'CCI-0012', 'NotAFinding', 'Policy value:\nwants 12\n\nActual value:\nhas 12'],
  ]);
});

test('of several hosts a check has the worst result, and names them', async () => {
  const xml = report(
    host('a', {}, check('11', 'One', 'PASSED', 0)),
    host('b', {}, check('11', 'One', 'FAILED', 3)),
  );
  const { checks } = await checksOf(xml);
  expect(checks).toHaveLength(1);
  expect(checks[0]?.slice(3)).toEqual([
    'Open',
    'a: PASSED\nPolicy value:\nwants 11\n\nActual value:\nhas 11\n\nb: FAILED\nPolicy value:\nwants 11\n\nActual value:\nhas 11',
  ]);
});

test('findings that are no checks are open, and informational ones not applicable', async () => {
  const { checks } = await checksOf(EVERYTHING);
  expect(
    checks.filter(([id = '']) => /^\d+$/.test(id)).map(([id, severity, , status]) => [id, severity, status]),
  ).toEqual([
    ['1', 'high', 'Open'],
    ['3', 'medium', 'Open'],
    ['2', 'low', 'Not_Applicable'],
  ]);
});
