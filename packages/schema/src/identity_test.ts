import { expect, test } from 'vitest';
import { distinguish, hashHex, identityOf, readFindings } from './mod.ts';

test('a finding keeps its name where it is alone, whatever stands beside it', () => {
  expect(distinguish(['a', 'b'], () => 'x')).toEqual(['a', 'b']);
});

test('several of one name are told apart by their texts, in any order, and equal ones by number', () => {
  const names = (texts: string[]): string[] =>
    distinguish(
      texts.map(() => 'a'),
      (index) => texts[index] ?? '',
    );
  const [x, y] = names(['x', 'y']);
  expect(names(['y', 'x'])).toEqual([y, x]);
  expect(names(['x', 'x'])).toEqual([x, `${x}.2`]);
});

test('a hash is the same in every version', () => {
  expect([hashHex(''), hashHex('service A')]).toEqual(['0bdcb81aee8d83', '178efeab7df51f']);
});

test('findings of a host are known to be several when they have been read', async () => {
  const item = (output: string): string =>
    `<ReportItem port="0" protocol="tcp" severity="2" pluginID="7"><plugin_output>${output}</plugin_output></ReportItem>`;
  const host = (name: string, ...items: string[]): string =>
    `<ReportHost name="${name}">${items.join('')}</ReportHost>`;
  const xml = `<NessusClientData_v2><Report name="r">${host('a', item('1'), item('2'))}${host('b', item('1'))}</Report></NessusClientData_v2>`;
  const identities: string[] = [];
  for await (const batch of readFindings(new Blob([xml]).stream()))
    for (const event of batch) if (event.type === 'finding') identities.push(identityOf(event.finding));
  expect(identities).toEqual([`a:0/tcp/7#${hashHex('1')}`, `a:0/tcp/7#${hashHex('2')}`, 'b:0/tcp/7']);
});
