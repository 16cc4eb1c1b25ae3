import { expect, test } from 'vitest';
import { type NessusEvent, readNessus } from './mod.ts';

/** Start tags: items are looked up by plugin and port, and told apart by all that they say. */
const HEADS = [
  'port="0" svc_name="general" protocol="tcp" severity="1" pluginID="100" pluginName="a" pluginFamily="f"',
  'port="0" svc_name="general" protocol="udp" severity="1" pluginID="100" pluginName="a" pluginFamily="f"',
  'port="0" svc_name="general" protocol="tcp" severity="2" pluginID="100" pluginName="a" pluginFamily="f"',
  'port="0" svc_name="general" protocol="tcp" severity="2" pluginID="100" pluginName="a > b" pluginFamily="f"',
  'port="443" svc_name="www" protocol="tcp" severity="2" pluginID="100" pluginName="a" pluginFamily="f"',
  'port="" svc_name="www" protocol="tcp" severity="2" pluginID="" pluginName="a" pluginFamily="f"',
  'port="65537" svc_name="www" protocol="tcp" severity="2" pluginID="99" pluginName="a" pluginFamily="f"',
  'port="18446744073709551617" svc_name="x" protocol="tcp" severity="2" pluginID="18446744073709551617" pluginName="a" pluginFamily="f"',
  'svc_name="www" port="443" pluginID="100" protocol="tcp" severity="2" pluginName="a" pluginFamily="f"',
  'port="443" svc_name="www" protocol="tcp" severity="2"',
  "port='443' svc_name='www' protocol='tcp' severity='2' pluginID='100' pluginName='a' pluginFamily='f'",
];

function documentOf(hosts: number): string {
  const items = (host: number): string =>
    HEADS.flatMap((head, index) =>
      Array.from(
        { length: index === 0 ? 12 : 3 },
        (_, text) =>
          `<ReportItem ${head}>\n<synopsis>${text}</synopsis>\n<plugin_output>on ${host}: ${index}</plugin_output>\n</ReportItem>\n`,
      ),
    ).join('');
  const all = Array.from(
    { length: hosts },
    (_, host) => `<ReportHost name="h${host}">${items(host)}</ReportHost>`,
  );
  return `<NessusClientData_v2><Report name="r">${all.join('')}</Report></NessusClientData_v2>`;
}

async function eventsOf(text: string, options: { maxDepth?: number } = {}): Promise<NessusEvent[]> {
  const events: NessusEvent[] = [];
  for await (const batch of readNessus(new Blob([text]).stream(), options)) events.push(...batch);
  return events;
}

test('items that were read before are told apart by all that they say', async () => {
  const text = documentOf(4);
  const byParts = await eventsOf(text, { maxDepth: 64 }); // with limits of the caller's nothing is taken whole
  expect(byParts.filter(({ type }) => type === 'finding')).toHaveLength(4 * (12 + 10 * 3));
  expect(await eventsOf(text)).toEqual(byParts);
});
