import type { Finding, Host } from '../finding.ts';
import { type Exporter, listOf, severityOf, textOf, titleOf } from './exporter.ts';

/** OCSF's severity_id for 0 info to 4 critical. */
const SEVERITY_IDS = [1, 2, 3, 4, 5];
const SEVERITIES = ['Informational', 'Low', 'Medium', 'High', 'Critical'];

/**
 * OCSF 1.3 events of the class Vulnerability Finding (2002), one a line.
 *
 * The time is that at which the scan of the host ended, from HOST_END_TIMESTAMP; 0 where the report does not say.
 */
export const exportOcsf: Exporter = async function* (events) {
  let host: Host = { name: '', properties: {} };
  for await (const batch of events) {
    let text = '';
    for (const event of batch) {
      if (event.type === 'host') host = event.host;
      else if (event.type === 'finding') text += `${JSON.stringify(eventOf(event.finding, host))}\n`;
    }
    if (text !== '') yield text;
  }
};

function eventOf(finding: Finding, host: Host): object {
  const severity = severityOf(finding);
  const time = Number(host.properties.HOST_END_TIMESTAMP ?? host.properties.HOST_START_TIMESTAMP ?? 0) * 1000;
  return {
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: 2002,
    class_name: 'Vulnerability Finding',
    type_uid: 200_201,
    type_name: 'Vulnerability Finding: Create',
    severity_id: SEVERITY_IDS[severity],
    severity: SEVERITIES[severity],
    status_id: 1,
    status: 'New',
    time: Number.isFinite(time) ? time : 0,
    metadata: { version: '1.3.0', product: { name: 'Nessus', vendor_name: 'Tenable' } },
    finding_info: {
      uid: `${finding.host}/${finding.port ?? '0'}/${finding.protocol ?? ''}/${finding.plugin_id ?? ''}`,
      title: titleOf(finding),
      desc: textOf(finding.synopsis),
      types: [finding.plugin_family ?? 'General'],
    },
    message: textOf(finding.plugin_output),
    resources: [{ uid: finding.host, name: host.properties['host-fqdn'] ?? finding.host, type: 'host' }],
    vulnerabilities: vulnerabilitiesOf(finding, SEVERITIES[severity]),
  };
}

function vulnerabilitiesOf(finding: Finding, severity: string | undefined): object[] {
  const common = {
    title: titleOf(finding),
    desc: textOf(finding.description),
    severity,
    vendor_name: 'Tenable',
    references: listOf(finding.see_also)
      .flatMap((text) => text.split('\n'))
      .filter((line) => line !== ''),
    ...(finding.solution ? { remediation: { desc: textOf(finding.solution) } } : {}),
    ...(typeof finding.exploit_available === 'boolean'
      ? { is_exploit_available: finding.exploit_available }
      : {}),
  };
  const cvss = scoresOf(finding);
  const cves = listOf(finding.cve);
  if (cves.length === 0) return [common];
  return cves.map((uid) => ({ ...common, cve: { uid, ...(cvss.length > 0 ? { cvss } : {}) } }));
}

function scoresOf(finding: Finding): object[] {
  const versions: [string, string, string][] = [
    ['4.0', 'cvss4_base_score', 'cvss4_vector'],
    ['3.0', 'cvss3_base_score', 'cvss3_vector'],
    ['2.0', 'cvss_base_score', 'cvss_vector'],
  ];
  return versions.flatMap(([version, score, vector]) => {
    const base_score = Number(finding[score] ?? Number.NaN);
    const vector_string = textOf(finding[vector]);
    return Number.isNaN(base_score)
      ? []
      : [{ version, base_score, ...(vector_string ? { vector_string } : {}) }];
  });
}
