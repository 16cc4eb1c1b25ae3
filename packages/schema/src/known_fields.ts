import { NmcpError } from '@nmcp/types';
import { HOST_FIELDS } from './host_facts.ts';

/** Fields that findings of real scans have; a scan can have others. Source: exports of Nessus 5 to 10. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  ...`type host plugin_id plugin_name plugin_family severity port svc_name protocol
  age_of_vuln agent always_run asset_inventory asset_inventory_category attachment bid canvas_package cert
  cisa-known-exploited cpe cve cvss3_base_score cvss3_temporal_score cvss3_temporal_vector cvss3_vector
  cvss4_base_score cvss4_threat_score cvss4_threat_vector cvss4_vector cvssV3_impactScore cvss_base_score cvss_score
  cvss_score_rationale cvss_score_source cvss_temporal_score cvss_temporal_vector cvss_vector cwe d2_elliot_name
  description edb-id epss_score exploit_available exploit_code_maturity exploit_framework_canvas
  exploit_framework_core exploit_framework_d2_elliot exploit_framework_exploithub exploit_framework_metasploit
  exploitability_ease exploited_by_malware exploited_by_nessus exploithub_sku fname generated_plugin hardware_inventory
  iava iavb iavt in_the_news metasploit_name mskb msft os_identification osvdb owasp patch_publication_date
  plugin_modification_date plugin_output plugin_publication_date plugin_type potential_vulnerability product_coverage
  risk_factor script_copyright script_version secunia see_also solution stig_severity synopsis thorough_tests
  threat_intensity_last_28 threat_recency threat_sources_last_28 tra unsupported_by_vendor usn vpr_score
  vuln_publication_date xref compliance
  cm:compliance-actual-value cm:compliance-audit-file cm:compliance-benchmark-name cm:compliance-benchmark-profile
  cm:compliance-benchmark-version cm:compliance-check-id cm:compliance-check-name cm:compliance-control-id
  cm:compliance-full-id cm:compliance-functional-id cm:compliance-info cm:compliance-informational-id
  cm:compliance-policy-value cm:compliance-reference cm:compliance-result cm:compliance-see-also
  cm:compliance-solution cm:compliance-source`.split(/\s+/),
  ...HOST_FIELDS,
]);

/**
 * Refuses field names that neither real scans nor this document have.
 *
 * @param seen fields that occur in the document
 * @param where names the input in the error, such as `filters`
 * @throws {NmcpError} `invalid_input` naming the field and the nearest known one.
 */
export function assertFields(names: Iterable<string>, seen: ReadonlySet<string>, where: string): void {
  for (const name of names) {
    if (KNOWN_FIELDS.has(name) || seen.has(name)) continue;
    const near = nearest(name, [...KNOWN_FIELDS, ...seen]);
    throw new NmcpError(
      'invalid_input',
      `${where}: the field ${JSON.stringify(name.slice(0, 60))} is unknown${near ? `; did you mean ${JSON.stringify(near)}?` : ''}`,
      { title: `Invalid ${where}` },
    );
  }
}

function nearest(name: string, candidates: readonly string[]): string | undefined {
  const wanted = name.toLowerCase().slice(0, 60);
  let best: { name: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (!best || distance < best.distance) best = { name: candidate, distance };
  }
  return best && best.distance <= Math.max(2, wanted.length / 3) ? best.name : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substitution));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
