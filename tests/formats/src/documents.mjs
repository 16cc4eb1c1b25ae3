// Documents with everything that exports hold.

const item = (port, severity, plugin, inside, family = 'General') =>
  `<ReportItem port="${port}" svc_name="www" protocol="tcp" severity="${severity}" pluginID="${plugin}" pluginName="Plugin ${plugin}" pluginFamily="${family}">${inside}</ReportItem>`;

const vulnerability = (plugin, output) =>
  item(
    443,
    4,
    plugin,
    `<cve>CVE-2024-${plugin}</cve><cvss3_base_score>9.8</cvss3_base_score><cvss3_vector>CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H</cvss3_vector><vpr_score>9.6</vpr_score><epss_score>0.94</epss_score><cwe>787</cwe><description>Long &lt;b&gt; text. ${'word '.repeat(400)}</description><synopsis>S</synopsis><solution>Upgrade to Thing version 1.${plugin} or later.</solution><see_also>https://example.org/${plugin}</see_also><plugin_output>${output}</plugin_output>`,
  );

const check = (id, result, severity) =>
  item(
    0,
    severity,
    21157,
    `<compliance>true</compliance><cm:compliance-check-name>${id} Setting &amp; more</cm:compliance-check-name><cm:compliance-check-id>id-${id}</cm:compliance-check-id><cm:compliance-result>${result}</cm:compliance-result><cm:compliance-actual-value>has</cm:compliance-actual-value><cm:compliance-policy-value>wants</cm:compliance-policy-value><cm:compliance-reference>800-53|CM-6,CAT|II,CCI|CCI-000366,Rule-ID|SV-${id}r1_rule,STIG-ID|OS-${id},Vuln-ID|V-${id}</cm:compliance-reference><cm:compliance-solution>Do</cm:compliance-solution><cm:compliance-audit-file>OS.audit</cm:compliance-audit-file>`,
    'Policy Compliance',
  );

const old = (name, result) =>
  item(
    0,
    result === 'PASSED' ? 0 : 3,
    21156,
    `<description>"${name}" : [${result}]\n\nWhy.\n\nRemote value: 0\nPolicy value: 14</description>`,
    'Policy Compliance',
  );

const host = (name, ...items) =>
  `<ReportHost name="${name}"><HostProperties><tag name="host-ip">${name}</tag><tag name="host-fqdn">h.example.org</tag><tag name="mac-address">00:00:5E:00:53:01</tag><tag name="operating-system">Linux Kernel 5.15</tag><tag name="system-type">general-purpose</tag><tag name="HOST_START_TIMESTAMP">1700000000</tag><tag name="HOST_END_TIMESTAMP">1700000600</tag></HostProperties>${items.join('')}</ReportHost>`;

const report = (...hosts) =>
  `<NessusClientData_v2><Policy><policyName>P</policyName></Policy><Report name="Weekly" xmlns:cm="http://www.nessus.org/cm">${hosts.join('')}</Report></NessusClientData_v2>`;

const information = item(0, 0, 19506, '<plugin_output>Nessus version : 10.8.3</plugin_output>');

/** Documents by what is in them. */
export const DOCUMENTS = {
  vulnerabilities: report(
    host(
      '192.0.2.1',
      information,
      vulnerability(1001, 'a'),
      vulnerability(1002, 'b'),
      item(22, 0, 10267, ''),
    ),
  ),
  'two results of one plugin': report(
    host(
      '192.0.2.1',
      item(0, 2, 63155, '<plugin_output>A</plugin_output>'),
      item(0, 2, 63155, '<plugin_output>B</plugin_output>'),
    ),
  ),
  'compliance checks': report(
    host(
      '192.0.2.1',
      check('1.1', 'FAILED', 3),
      check('1.2', 'PASSED', 0),
      check('1.3', 'WARNING', 2),
      check('1.4', 'ERROR', 2),
    ),
  ),
  'compliance checks of an old scanner': report(
    host('192.0.2.1', old('Password length', 'FAILED'), old('Banner', 'PASSED')),
  ),
  'several hosts': report(
    host('192.0.2.1', vulnerability(1001, 'a'), check('1.1', 'FAILED', 3)),
    host('192.0.2.2', vulnerability(1001, 'b'), check('1.1', 'PASSED', 0)),
  ),
  'more than 25,000 results': report(
    ...Array.from({ length: 261 }, (_, i) =>
      host(
        `198.51.${100 + (i >> 8)}.${i & 255}`,
        ...Array.from({ length: 100 }, (__, j) => item(j, 1, 5000 + j, '')),
      ),
    ),
  ),
};
