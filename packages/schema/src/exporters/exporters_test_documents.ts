import { type ExportOptions, FORMATS, type FormatName, readFindings } from '../mod.ts';

/** Text of a host that does harm wherever it is taken for more than text. */
export const EVIL = '<script>alert(1)</script>"\'=cmd|calc\u001b[31m\u202eevil\u200b]]>-->';

/** A text as it stands in XML; what XML cannot hold is left out. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\u001b', '');
}

/** A ReportItem. */
export function item(id: number, severity: number, inside: string, attributes = ''): string {
  return `<ReportItem port="443" svc_name="www" protocol="tcp" severity="${severity}" pluginID="${id}" pluginName="P${id}" pluginFamily="General"${attributes}>${inside}</ReportItem>`;
}

/** A check of an audit, as scanners since 6.0 write it. */
export function check(id: string, name: string, result: string, severity: number): string {
  return `<ReportItem port="0" svc_name="general" protocol="tcp" severity="${severity}" pluginID="21157" pluginName="Unix Compliance Checks" pluginFamily="Policy Compliance"><compliance>true</compliance><cm:compliance-check-name>${name}</cm:compliance-check-name><cm:compliance-check-id>${id}</cm:compliance-check-id><cm:compliance-result>${result}</cm:compliance-result><cm:compliance-actual-value>has ${id}</cm:compliance-actual-value><cm:compliance-policy-value>wants ${id}</cm:compliance-policy-value><cm:compliance-reference>800-53|AC-${id},CAT|I,CCI|CCI-00${id},Vuln-ID|V-${id},Rule-ID|SV-${id}_rule,STIG-ID|OS-${id}</cm:compliance-reference><cm:compliance-solution>Set ${id}</cm:compliance-solution><cm:compliance-info>Why ${id}</cm:compliance-info><cm:compliance-audit-file>os.audit</cm:compliance-audit-file><description>"${name}" : [${result}]</description></ReportItem>`;
}

/** A host with its properties and items. */
export function host(name: string, properties: Readonly<Record<string, string>>, ...items: string[]): string {
  const tags = Object.entries(properties).map(
    ([tag, value]) => `<tag name="${tag}">${escapeXml(value)}</tag>`,
  );
  return `<ReportHost name="${escapeXml(name)}"><HostProperties>${tags.join('')}</HostProperties>${items.join('')}</ReportHost>`;
}

/** A document of hosts. */
export function report(...hosts: string[]): string {
  return `<NessusClientData_v2><Policy><policyName>Po|licy</policyName></Policy><Report name="Weekly">${hosts.join('')}</Report></NessusClientData_v2>`;
}

/** A document's text in a format. */
export async function exported(
  format: FormatName,
  xml: string,
  options: ExportOptions = {},
): Promise<string> {
  return new TextDecoder().decode(await exportedBytes(format, xml, options));
}

/** A document's bytes in a format. */
export async function exportedBytes(
  format: FormatName,
  xml: string,
  options: ExportOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: BlobPart[] = [];
  for await (const piece of FORMATS[format].exporter(readFindings(new Blob([xml]).stream()), options))
    pieces.push(typeof piece === 'string' ? piece : Uint8Array.from(piece));
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** RFC 4180, strictly: every cell quoted, quotes doubled, rows ended by CRLF, all of one length. */
export function parseCsv(text: string): string[][] {
  if (!/^(?:"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*\r\n)*$/.test(text)) throw new Error('not strictly CSV');
  const rows = [...text.matchAll(/((?:"(?:[^"]|"")*",?)+)\r\n/g)].map(([, row = '']) =>
    [...row.matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell = '']) => cell.replaceAll('""', '"')),
  );
  if (rows.some((row) => row.length !== rows[0]?.length)) throw new Error('rows differ in length');
  return rows;
}

const MODERN =
  '<cve>CVE-2021-11111</cve><cve>CVE-2021-22222</cve><cvss_base_score>10.0</cvss_base_score><cvss_vector>CVSS2#AV:N/AC:L/Au:N/C:C/I:C/A:C</cvss_vector><cvss3_base_score>9.8</cvss3_base_score><cvss3_vector>CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H</cvss3_vector><cvss3_temporal_score>8.5</cvss3_temporal_score><cvss4_base_score>9.3</cvss4_base_score><cvss4_threat_score>8.9</cvss4_threat_score><vpr_score>9.6</vpr_score><epss_score>0.9436</epss_score><cwe>787</cwe><cpe>cpe:/a:maker:thing:1.2\nx-cpe:/a:maker:other</cpe><bid>7</bid><bid>8</bid><mskb>5001</mskb><xref>CWE:79</xref><xref>CISA-KNOWN-EXPLOITED:2024/02/03</xref><cisa-known-exploited>2024/02/03</cisa-known-exploited><exploit_available>true</exploit_available><exploit_framework_metasploit>true</exploit_framework_metasploit><metasploit_name>M</metasploit_name><risk_factor>Critical</risk_factor><stig_severity>I</stig_severity><synopsis>S</synopsis><description>D</description><solution>Upgrade to Thing version 1.3 or later.</solution><see_also>https://example.org/a\nhttps://example.org/b\njavascript:alert(1)</see_also><vuln_publication_date>2021/03/14</vuln_publication_date><patch_publication_date>2021/03/15</patch_publication_date><plugin_publication_date>2021/03/16</plugin_publication_date><plugin_modification_date>2024/01/01</plugin_modification_date>';

/** Two hosts with what reports hold: vulnerabilities, informational findings, checks, and text that does harm. */
export const EVERYTHING: string = report(
  host(
    'web-01',
    {
      'host-ip': '192.0.2.7',
      'host-fqdns': '[{"FQDN":"a.example.org"},{"FQDN":"b.example.org"}]',
      'netbios-name': 'WORK\\WEB01',
      'mac-address': '00:00:5E:00:53:01\n00:00:5E:00:53:02',
      'operating-system': 'Microsoft Windows Server 2022',
      'system-type': 'general-purpose',
      Credentialed_Scan: 'true',
      HOST_START_TIMESTAMP: '1700000000',
      HOST_END_TIMESTAMP: '1700000600',
    },
    item(1, 4, `${MODERN}<plugin_output>found 1</plugin_output>`),
    item(2, 0, '<plugin_output>only said</plugin_output>'),
    item(
      3,
      2,
      '<cvss3_base_score>6.5</cvss3_base_score><cvss3_vector>CVSS:3.0/AV:N</cvss3_vector><plugin_output>service A</plugin_output>',
    ),
    item(
      3,
      2,
      '<cvss3_base_score>6.5</cvss3_base_score><cvss3_vector>CVSS:3.0/AV:N</cvss3_vector><plugin_output>service B</plugin_output>',
    ),
    check('11', '1.1 Root login off', 'FAILED', 3),
    check('12', '1.2 Banner set', 'PASSED', 0),
    check('13', '1.3 Review rules', 'WARNING', 2),
    check('14', '1.4 Unreadable', 'ERROR', 2),
  ),
  host('192.0.2.8', {}, item(1, 4, `${MODERN}<plugin_output>found 2</plugin_output>`)),
);

/** Text that does harm in every place that a host, a policy or an audit could have written. */
export const HOSTILE: string = report(
  host(
    EVIL,
    { 'operating-system': EVIL, 'netbios-name': EVIL, 'host-fqdn': EVIL },
    `<ReportItem port="443" svc_name="www" protocol="tcp" severity="4" pluginID="9" pluginName="${escapeXml(EVIL)}" pluginFamily="${escapeXml(EVIL)}"><cve>${escapeXml(EVIL)}</cve><see_also>javascript:alert(1)\nhttps://x.example/"&gt;&lt;img src=x onerror=alert(1)&gt;</see_also><synopsis>${escapeXml(EVIL)}</synopsis><description>${escapeXml(EVIL)}</description><solution>${escapeXml(EVIL)}</solution><plugin_output>${escapeXml(EVIL)}</plugin_output></ReportItem>`,
    check('1', escapeXml(EVIL), 'FAILED', 3),
  ),
).replace('name="Weekly"', `name="${escapeXml(EVIL)}"`);
