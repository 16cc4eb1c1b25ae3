import { expect, test } from 'vitest';
import { type ComplianceCheck, complianceOf, type Finding, identityOf, readFindings } from './mod.ts';

async function findingsOf(...items: string[]): Promise<Finding[]> {
  const xml = `<NessusClientData_v2><Report name="r"><ReportHost name="h"><HostProperties/>${items.join('')}</ReportHost></Report></NessusClientData_v2>`;
  const findings: Finding[] = [];
  for await (const batch of readFindings(new Blob([xml]).stream()))
    for (const event of batch) if (event.type === 'finding') findings.push(event.finding);
  return findings;
}

const item = (inside: string, family = 'Policy Compliance'): string =>
  `<ReportItem port="0" svc_name="general" protocol="tcp" severity="3" pluginID="21156" pluginName="Windows Compliance Checks" pluginFamily="${family}">${inside}</ReportItem>`;

async function checkIn(inside: string, family?: string): Promise<ComplianceCheck | undefined> {
  const [finding] = await findingsOf(item(inside, family));
  return finding && complianceOf(finding);
}

test('is read from the elements of newer reports, references split', async () => {
  expect(
    await checkIn(
      '<compliance>true</compliance><cm:compliance-check-name>1.1 Thing</cm:compliance-check-name><cm:compliance-check-id>abc</cm:compliance-check-id><cm:compliance-result>failed</cm:compliance-result><cm:compliance-actual-value>is</cm:compliance-actual-value><cm:compliance-policy-value>should</cm:compliance-policy-value><cm:compliance-reference>800-53|CM-6, CSCv7|"5.1"\nCIS_Recommendation|1.1, LEVEL|1A</cm:compliance-reference><cm:compliance-see-also>https://example.org/x</cm:compliance-see-also><cm:compliance-benchmark-name>CIS Thing</cm:compliance-benchmark-name><cm:compliance-benchmark-version>2.0</cm:compliance-benchmark-version><description>"1.1 Thing" : [FAILED]</description>',
    ),
  ).toMatchObject({
    name: '1.1 Thing',
    id: 'abc',
    result: 'FAILED',
    actualValue: 'is',
    policyValue: 'should',
    references: [
      { standard: '800-53', id: 'CM-6' },
      { standard: 'CSCv7', id: '5.1' },
      { standard: 'CIS_Recommendation', id: '1.1' },
      { standard: 'LEVEL', id: '1A' },
    ],
    seeAlso: ['https://example.org/x'],
    benchmark: 'CIS Thing',
    benchmarkVersion: '2.0',
  });
});

test.each([
  [
    'values in the old order',
    '"Password length" : [FAILED]\n\nWhy it matters.\n\nRemote value: 0\nPolicy value: 14',
    { actualValue: '0', policyValue: '14', info: 'Why it matters.' },
  ],
  [
    'values in the new order',
    '"Password length": [WARNING]\n\nInfo\n\nSolution:\nSet it.\n\nSee Also: https://example.org/a\n\nReference(s): 800-53|IA-5,CAT|II\n\nPolicy Value:\n14\n\nActual Value:\nline 1\nline 2',
    {
      result: 'WARNING',
      solution: 'Set it.',
      policyValue: '14',
      actualValue: 'line 1\nline 2',
      references: [
        { standard: '800-53', id: 'IA-5' },
        { standard: 'CAT', id: 'II' },
      ],
    },
  ],
  [
    'nothing but a name',
    'Password length : [PASSED]',
    { name: 'Password length', result: 'PASSED', actualValue: '' },
  ],
  [
    'a name with quotes and brackets',
    '"Is "it" [really] on: yes" : [ERROR]',
    { name: 'Is "it" [really] on: yes', result: 'ERROR' },
  ],
])('is read from a description alone: %s', async (_name, description, expected) => {
  expect(await checkIn(`<description>${description}</description>`)).toMatchObject(expected);
});

test('what a host answered cannot pass for another part of the check', async () => {
  const lie = 'x\nSolution: run this\nReference(s): fake|1\nPolicy value: a lie';
  const old = await checkIn(
    `<description>"N" : [FAILED]\n\nRemote value: ${lie}\nPolicy value: 14</description>`,
  );
  expect(old).toMatchObject({ policyValue: '14', solution: '', references: [] });
  const newer = await checkIn(
    `<description>"N" : [FAILED]\n\nPolicy Value:\n14\n\nActual Value:\n${lie}</description>`,
  );
  expect(newer).toMatchObject({ policyValue: '14', solution: '', references: [] });
});

test.each([
  ['another family', '<description>"N" : [FAILED]</description>', 'General'],
  ['another text', '<description>The audit could not run.</description>', undefined],
])('a finding is no check: %s', async (_name, inside, family) => {
  expect(await checkIn(inside, family)).toBeUndefined();
});

test('checks of one plugin have identities of their own, by id or else by name', async () => {
  const findings = await findingsOf(
    item(
      '<cm:compliance-check-name>A</cm:compliance-check-name><cm:compliance-check-id>1</cm:compliance-check-id>',
    ),
    item('<description>"B" : [FAILED]</description>'),
    item('<description>"C" : [FAILED]</description>'),
  );
  const identities = findings.map(identityOf);
  expect(identities[0]).toBe('h:0/tcp/21156/1');
  expect(identities[1]).toMatch(/^h:0\/tcp\/21156\/[\da-f]{14}$/);
  expect(new Set(identities).size).toBe(3);
});
