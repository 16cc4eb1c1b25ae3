import { cleanJsonLine } from './clean_text.ts';
import { severityName } from './filter_values.ts';
import type { Finding } from './finding.ts';

/**
 * Fields that the scanner fills from its plugins, its audit files or its own observation, and no host can write. Whatever else a
 * report holds, known or not, is left out: plugin_output, attachments, values of compliance checks, and also descriptions, since
 * those of compliance checks repeat what the host answered.
 */
const SHOWN: ReadonlySet<string> = new Set(
  `type id host host_ip credentialed host_start host_end suspicious_text plugin_id plugin_name plugin_family severity port svc_name protocol
  age_of_vuln always_run bid canvas_package cert cisa-known-exploited compliance cpe cve
  cvss3_base_score cvss3_temporal_score cvss3_temporal_vector cvss3_vector cvss4_base_score cvss4_threat_score
  cvss4_threat_vector cvss4_vector cvssV3_impactScore cvss_base_score cvss_score cvss_score_rationale cvss_score_source
  cvss_temporal_score cvss_temporal_vector cvss_vector cwe d2_elliot_name edb-id epss_score exploit_available
  exploit_code_maturity exploit_framework_canvas exploit_framework_core exploit_framework_d2_elliot
  exploit_framework_exploithub exploit_framework_metasploit exploitability_ease exploited_by_malware exploited_by_nessus
  exploithub_sku fname iava iavb iavt in_the_news metasploit_name mskb msft osvdb owasp patch_publication_date
  plugin_modification_date plugin_publication_date plugin_type potential_vulnerability product_coverage risk_factor
  script_copyright script_version secunia see_also solution stig_severity synopsis thorough_tests
  threat_intensity_last_28 threat_recency threat_sources_last_28 unsupported_by_vendor usn vpr_score
  vuln_publication_date xref
  state first_seen last_seen fixed_at days_open times_reopened not_looked away_since overdue owner tags zone why_urgent kev
  cves_left_out first_scan last_scan fixed_scan accepted no_output
  cm:compliance-audit-file cm:compliance-benchmark-name cm:compliance-benchmark-profile cm:compliance-benchmark-version
  cm:compliance-check-id cm:compliance-check-name cm:compliance-control-id cm:compliance-full-id
  cm:compliance-functional-id cm:compliance-informational-id cm:compliance-policy-value cm:compliance-reference
  cm:compliance-result cm:compliance-see-also cm:compliance-source`.split(/\s+/),
);

/** Whether a field is one that no host can write. */
export function isWrittenByNoHost(field: string): boolean {
  return SHOWN.has(field);
}

/** A finding as it may be shown. */
export function shownFinding(finding: Finding, { lockdown }: { lockdown: boolean }): Finding {
  return lockdown ? withoutHostOutput(finding) : finding;
}

/**
 * A line of JSON-NL as it may be shown: without control and hidden characters. A finding says its severity as a word too, and
 * before its texts which of them a host could have written.
 */
export function shownLine(line: string, { lockdown }: { lockdown: boolean }): string {
  const cleaned = cleanJsonLine(line);
  if (!cleaned.startsWith('{"type":"vulnerability"')) return cleaned;
  const { type, ...whole }: Finding = JSON.parse(cleaned);
  const finding = lockdown ? withoutHostOutput(whole) : whole;
  const fromHost = Object.keys(finding).filter((field) => isFromHost(field, finding));
  const marked = fromHost.length === 0 ? {} : { from_host: fromHost };
  return JSON.stringify({ type, ...marked, ...withSeverityName(finding) });
}

/** Fields that no host can write, and are not shown in lockdown for what plugins write of hosts into them. */
const OF_PLUGIN: ReadonlySet<string> = new Set([
  'description',
  'cm:compliance-info',
  'cm:compliance-solution',
]);

function isFromHost(field: string, finding: object): boolean {
  if (SHOWN.has(field)) return false;
  return !OF_PLUGIN.has(field) || (field === 'description' && 'compliance' in finding);
}

/** Severity as a word, behind the number. */
function withSeverityName(finding: object): object {
  return Object.fromEntries(
    Object.entries(finding).flatMap(([field, value]) => {
      const name = field === 'severity' ? severityName(value) : undefined;
      return name === undefined
        ? [[field, value]]
        : [
            [field, value],
            ['severity_name', name],
          ];
    }),
  );
}

function withoutHostOutput<T extends object>(fields: T): T {
  const shown = Object.entries(fields).filter(([name]) => SHOWN.has(name));
  return Object.fromEntries(shown) as T; // fewer of the same
}
