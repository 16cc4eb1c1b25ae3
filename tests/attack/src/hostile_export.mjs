// Exports that a hostile host has had a part in.

const HEAD = '<?xml version="1.0"?>\n<NessusClientData_v2><Report name="weekly">';
const TAIL = '</Report></NessusClientData_v2>';

/** Texts that mean something to whoever shows them. */
export const HOSTILE_TEXTS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '=HYPERLINK("http://evil.example","x")',
  '@SUM(1+1)*cmd|" /C calc"!A0',
  '\uFF1Dcmd',
  '\uFF0B1',
  ';=1+1',
  'javascript:alert(1)',
  '[click](javascript:alert(1))',
  '\u202Egnp.exe',
  '\u200Bhidden',
];

function escapeXml(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** A host whose name, plugins and outputs are hostile texts. */
export function hostileExport() {
  const items = HOSTILE_TEXTS.map(
    (text, i) =>
      `<ReportItem port="${i}" svc_name="${escapeXml(text)}" protocol="tcp" severity="3" pluginID="${9000 + i}" pluginName="${escapeXml(text)}" pluginFamily="${escapeXml(text)}"><description>${escapeXml(text)}</description><plugin_output>${escapeXml(text)} HOST-OUTPUT-MARK</plugin_output><see_also>javascript:alert(1)</see_also><solution>${escapeXml(text)}</solution></ReportItem>`,
  );
  return `${HEAD}<ReportHost name="10.0.0.66"><HostProperties><tag name="host-ip">10.0.0.66</tag><tag name="operating-system">${escapeXml(HOSTILE_TEXTS[0])} HOST-OUTPUT-MARK</tag></HostProperties>${items.join('')}</ReportHost>${TAIL}`;
}

/** An export of many findings on many hosts of 10.20.0.0/16. */
export function* largeExport(findings, ofHost = 200) {
  yield HEAD;
  for (let host = 0; host < findings / ofHost; host++) {
    const name = `10.20.${host >> 8}.${host & 255}`;
    let text = `<ReportHost name="${name}"><HostProperties><tag name="host-ip">${name}</tag></HostProperties>`;
    for (let i = 0; i < ofHost; i++)
      text += `<ReportItem port="${i}" svc_name="www" protocol="tcp" severity="${i % 5}" pluginID="${10_000 + i}" pluginName="Plugin ${i}" pluginFamily="General"><description>${'What it is about. '.repeat(8)}</description><cve>CVE-2024-${1000 + i}</cve><plugin_output>${`${'a'.repeat(40)} on ${name} `.repeat(4)}</plugin_output></ReportItem>`;
    yield `${text}</ReportHost>`;
  }
  yield TAIL;
}
