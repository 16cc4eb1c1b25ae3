import { type Finding, textOf } from './finding.ts';
import { severityOf } from './severity.ts';

/** How urgent a finding is, most significant number first: severity, exploited in the wild, exploit known, priority, score. */
export function urgencyOf(finding: Finding): readonly number[] {
  return [
    severityOf(finding),
    Number(isKnownExploited(finding)),
    Number(finding.exploit_available === true || finding.exploited_by_malware === 'true'),
    Number(textOf(finding.vpr_score) || 0),
    Number(finding.cvss_score ?? 0),
  ].map((value) => (Number.isFinite(value) ? value : 0));
}

/** Compares two urgencies: the more urgent comes first. */
export function mostUrgentFirst(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return other - value;
  }
  return 0;
}

/** Whether CISA's catalogue of exploited vulnerabilities has it. */
export function isKnownExploited(finding: Finding): boolean {
  return (
    textOf(finding['cisa-known-exploited']) !== '' || textOf(finding.xref).includes('CISA-KNOWN-EXPLOITED')
  );
}
