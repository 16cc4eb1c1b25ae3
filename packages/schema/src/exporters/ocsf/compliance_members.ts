import type { ComplianceCheck, ComplianceReference, ComplianceResult } from '../../compliance.ts';

/** What OCSF has a number for; a check that ended with an error has none. */
const STATUSES: Partial<Record<ComplianceResult, { status_id: number; status: string }>> = {
  PASSED: { status_id: 1, status: 'Pass' },
  WARNING: { status_id: 2, status: 'Warning' },
  FAILED: { status_id: 3, status: 'Fail' },
};

/** The members `compliance` and `remediation` of a Compliance Finding. */
export function complianceMembers(check: ComplianceCheck): object {
  const { result, references, solution, seeAlso } = check;
  const standards = [...new Set(references.map(({ standard }) => standard).filter((name) => name !== ''))];
  const detail = [
    check.policyValue === '' ? '' : `Policy value: ${check.policyValue}`,
    check.actualValue === '' ? '' : `Actual value: ${check.actualValue}`,
  ].filter((text) => text !== '');
  return {
    compliance: {
      control: check.name,
      standards: standards.length > 0 ? standards : [check.benchmark || 'Nessus audit'],
      ...(references.length > 0
        ? { requirements: references.map(nameOf), compliance_references: references.map(articleOf) }
        : {}),
      ...(result === undefined ? {} : { ...(STATUSES[result] ?? { status: 'Error' }), status_code: result }),
      ...(detail.length > 0 ? { status_detail: detail.join('\n') } : {}),
    },
    ...(solution === '' ? {} : { remediation: { desc: solution, references: seeAlso } }),
  };
}

function nameOf({ standard, id }: ComplianceReference): string {
  return standard === '' ? id : `${standard} ${id}`;
}

function articleOf({ standard, id }: ComplianceReference): object {
  return { uid: id, ...(standard === '' ? {} : { title: standard }) };
}
