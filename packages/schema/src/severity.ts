import type { Finding } from './finding.ts';

/** Severity from 0 to 4; 0 where it is none of these. */
export function severityOf(finding: Finding): 0 | 1 | 2 | 3 | 4 {
  const severity = Number(finding.severity);
  return severity === 1 || severity === 2 || severity === 3 || severity === 4 ? severity : 0;
}

/** Words for severities 0 to 4. */
export const SEVERITY_WORDS = ['Info', 'Low', 'Medium', 'High', 'Critical'] as const;
