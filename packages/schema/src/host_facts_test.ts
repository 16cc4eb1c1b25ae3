import { expect, test } from 'vitest';
import type { Finding } from './finding.ts';
import { exportCsv, readFindings } from './mod.ts';

const item = (plugin: number, output: string): string =>
  `<ReportItem port="0" svc_name="general" protocol="tcp" severity="0" pluginID="${plugin}" pluginName="P" pluginFamily="F"><os>of the item</os><plugin_output>${output}</plugin_output></ReportItem>`;
const host = (name: string, properties: Record<string, string>, items: string): string =>
  `<ReportHost name="${name}"><HostProperties>${Object.entries(properties)
    .map(([key, text]) => `<tag name="${key}">${text}</tag>`)
    .join('')}</HostProperties>${items}</ReportHost>`;
const XML = `<NessusClientData_v2><Report name="r">${host(
  'a',
  {
    'host-ip': '192.0.2.3',
    'host-fqdns':
      '[{&quot;FQDN&quot;:&quot;a.example.org&quot;,&quot;sources&quot;:[]},{&quot;FQDN&quot;:&quot;b.example.org&quot;}]',
    'netbios-name': 'WORKNAME',
    'mac-address': '00:00:5E:00:53:01\n00:00:5E:00:53:02',
    'operating-system': 'Some OS 9',
    HOST_START_TIMESTAMP: '1700000000',
    HOST_END: 'Tue Nov 14 22:23:20 2023',
  },
  item(1, 'before it is known') + item(19506, "Credentialed checks : yes, as 'x' via ssh"),
)}${host('192.0.2.9', {}, item(21745, 'x'))}${host('c', { Credentialed_Scan: 'true' }, item(1, 'x'))}${host('d', {}, item(104410, 'x'))}${host('e', {}, item(110385, 'x'))}</Report></NessusClientData_v2>`;

async function findings(): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const batch of readFindings(new Blob([XML]).stream()))
    for (const event of batch) if (event.type === 'finding') found.push(event.finding);
  return found;
}

test('every finding has the fields of its host, also what is known only at the end of the host', async () => {
  const [first] = await findings();
  expect(first).toMatchObject({
    host: 'a',
    plugin_id: '1',
    host_ip: '192.0.2.3',
    host_fqdn: ['a.example.org', 'b.example.org'],
    netbios: 'WORKNAME',
    mac: ['00:00:5E:00:53:01', '00:00:5E:00:53:02'],
    os: 'Some OS 9',
    item_os: 'of the item',
    credentialed: 'success',
    host_start: '2023-11-14T22:13:20.000Z',
    host_end: '2023-11-14T22:23:20.000Z',
  });
});

test('the login to a host is a success, partial, failed, or there was none', async () => {
  const outcomes = (await findings()).map(({ host: name, credentialed }) => `${name} ${credentialed}`);
  expect([...new Set(outcomes)]).toEqual([
    'a success',
    '192.0.2.9 none',
    'c success',
    'd failed',
    'e partial',
  ]);
});

test('a host that is called by its address has it as host_ip, and nothing that is not stated', async () => {
  const of9 = (await findings()).find(({ host: name }) => name === '192.0.2.9');
  expect(of9).toMatchObject({ host_ip: '192.0.2.9' });
  expect(of9).not.toHaveProperty('os', expect.anything());
  expect(of9).not.toHaveProperty('netbios');
});

test('CSV has them behind the columns of Nessus, when they are asked for', async () => {
  let csv = '';
  for await (const text of exportCsv(readFindings(new Blob([XML]).stream()), { hosts: true })) csv += text;
  const [header = '', row = ''] = csv.split('\r\n');
  expect(header).toMatch(
    /"Host IP","FQDN","NetBIOS","MAC Address","OS","Credentialed","Host Start","Host End"$/,
  );
  expect(row).toContain('"192.0.2.3","a.example.org\nb.example.org","WORKNAME"');
  expect(row).toContain('"Some OS 9","success","2023-11-14T22:13:20.000Z"');
});
