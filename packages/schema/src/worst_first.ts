import { type Finding, textOf } from './finding.ts';
import { severityOf } from './severity.ts';

/** How urgent a finding is, most significant number first: severity, exploited in the wild, exploit known, priority, score. */
export function urgencyOf(finding: Finding): readonly number[] {
  return [
    severityOf(finding),
    Number(isKnownExploited(finding)),
    Number(finding.exploit_available === true || finding.exploited_by_malware === 'true'),
    numberOf(textOf(finding.vpr_score)),
    numberOf(textOf(finding.cvss_score)),
  ];
}

/** A text as a number; 0 where it is none. */
function numberOf(text: string): number {
  const number = Number(text);
  return Number.isFinite(number) ? number : 0;
}

/** Compares two urgencies: the more urgent comes first. */
export function mostUrgentFirst(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < a.length; index++) {
    const difference = (b[index] ?? 0) - (a[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether CISA's catalogue of exploited vulnerabilities has it. */
export function isKnownExploited(finding: Finding): boolean {
  return (
    textOf(finding['cisa-known-exploited']) !== '' || textOf(finding.xref).includes('CISA-KNOWN-EXPLOITED')
  );
}
