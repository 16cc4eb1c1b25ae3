import { type FieldValue, type Finding, listOf, textOf } from './finding.ts';

/** Fields of a compliance check, which have the namespace of the report's elements. */
const FIELD = {
  name: 'cm:compliance-check-name',
  result: 'cm:compliance-result',
  actual: 'cm:compliance-actual-value',
  policy: 'cm:compliance-policy-value',
  info: 'cm:compliance-info',
  solution: 'cm:compliance-solution',
  seeAlso: 'cm:compliance-see-also',
  references: 'cm:compliance-reference',
} as const;

type Part = keyof typeof FIELD;

/** How a check of an audit went. */
export type ComplianceResult = 'PASSED' | 'FAILED' | 'WARNING' | 'ERROR';

/** A reference of a check: what a standard calls it. */
export interface ComplianceReference {
  /** Such as `800-53`, `CCI`, `CIS`, `STIG-ID`; empty where the report names none. */
  standard: string;
  id: string;
}

/** A check of an audit file on a host. Texts that the report does not have are empty. */
export interface ComplianceCheck {
  name: string;
  /** The audit's own number of the check. */
  id: string;
  /** Absent where the report states none. */
  result: ComplianceResult | undefined;
  actualValue: string;
  policyValue: string;
  info: string;
  solution: string;
  seeAlso: string[];
  references: ComplianceReference[];
  auditFile: string;
  /** The benchmark's name, or else the audit file's. */
  benchmark: string;
  benchmarkVersion: string;
}

/** `"1.1 Ensure that ..." : [FAILED]`, with which the text of a check begins. */
const HEAD = /^\s*"?(.+?)"?\s*:\s*\[(PASSED|FAILED|WARNING|ERROR)\]\s*/s;
/** The name in it is a line, so that no long text is searched. */
const HEAD_LENGTH = 2000;

/** Labels of the parts of a check's text, as scanners before 6.0 and plugins of single audits write them. */
const LABELS: readonly [RegExp, Part][] = [
  [/^\s*(?:remote|actual)\s+value\s*:\s?/i, 'actual'],
  [/^\s*policy\s+value\s*:\s?/i, 'policy'],
  [/^\s*solution\s*:\s?/i, 'solution'],
  [/^\s*see\s+also\s*:\s?/i, 'seeAlso'],
  [/^\s*references?(?:\(s\))?(?:\s+information)?\s*:\s?/i, 'references'],
];

/**
 * Completes a finding that is a compliance check: what only its description says gets the fields of newer reports, and the
 * references become a list. Other findings stay as they are.
 */
export function completeCheck(finding: Finding): void {
  if (!isComplianceCheck(finding)) return;
  for (const [part, text] of Object.entries(partsOf(finding))) {
    const field = FIELD[part as Part]; // keys of that object
    if (text !== '' && (finding[field] ?? '') === '') finding[field] = text;
  }
  const references = listOf(finding[FIELD.references]).flatMap(splitReferences);
  if (references.length > 0) finding[FIELD.references] = references;
}

/** Whether a finding is a check of an audit. */
export function isComplianceCheck(finding: Finding): boolean {
  if (FIELD.result in finding || FIELD.name in finding) return true;
  const mayBe = finding.plugin_family === 'Policy Compliance' || finding.compliance === 'true';
  return mayBe && HEAD.test(headOf(finding.description));
}

/**
 * The check that a finding is; `undefined` for a finding that is none.
 *
 * @example
 * ```ts
 * import { complianceOf, readNessus } from '@nmcp/schema';
 *
 * const xml = `<NessusClientData_v2><Report name="r"><ReportHost name="10.0.0.1">
 *   <ReportItem port="0" protocol="tcp" severity="3" pluginID="21157" pluginName="Unix Compliance Checks" pluginFamily="Policy Compliance">
 *     <description>"1.1 Root login off" : [FAILED]</description>
 *   </ReportItem></ReportHost></Report></NessusClientData_v2>`;
 * for await (const batch of readNessus(new Blob([xml]).stream())) {
 *   for (const event of batch) {
 *     if (event.type === 'finding') console.assert(complianceOf(event.finding)?.result === 'FAILED');
 *   }
 * }
 * ```
 */
export function complianceOf(finding: Finding): ComplianceCheck | undefined {
  if (!isComplianceCheck(finding)) return undefined;
  const text = (name: string): string => textOf(finding[`cm:compliance-${name}`]);
  const auditFile = text('audit-file');
  return {
    name: text('check-name') || listOf(finding.plugin_name)[0] || '',
    id: text('check-id') || text('full-id'),
    result: resultOf(text('result')),
    actualValue: text('actual-value'),
    policyValue: text('policy-value'),
    info: text('info') || textOf(finding.description),
    solution: text('solution') || textOf(finding.solution),
    seeAlso: linesOf(text('see-also') || textOf(finding.see_also)),
    references: listOf(finding[FIELD.references]).map(readReference),
    auditFile,
    benchmark: text('benchmark-name') || auditFile,
    benchmarkVersion: text('benchmark-version'),
  };
}

function resultOf(text: string): ComplianceResult | undefined {
  const found = /^\s*(PASSED|FAILED|WARNING|ERROR)\s*$/.exec(text.toUpperCase())?.[1];
  return found as ComplianceResult | undefined; // one of those words
}

function splitReferences(text: string): string[] {
  return text
    .split(/[,\n]/)
    .map((reference) => reference.trim())
    .filter((reference) => reference !== '');
}

function readReference(text: string): ComplianceReference {
  const bar = text.indexOf('|');
  return bar < 0
    ? { standard: '', id: text }
    : {
        standard: text.slice(0, bar).trim(),
        id: text
          .slice(bar + 1)
          .trim()
          .replaceAll(/^"|"$/g, ''),
      };
}

/** What a check's text says of its parts. */
function partsOf(finding: Finding): Partial<Record<Part, string>> {
  const text = textOf(finding.description);
  const match = HEAD.exec(headOf(finding.description));
  if (!match) return {};
  const [head = '', name = '', result = ''] = match;
  const parts = new Map<Part, string[]>();
  const lines = text.slice(head.length).split('\n');
  let part: Part = 'info';
  for (const [index, line] of lines.entries()) {
    const label = labelOf(lines, index, part, parts.has('policy'));
    if (label) part = label[1];
    const of = parts.get(part) ?? [];
    of.push(label ? line.replace(label[0], '') : line);
    parts.set(part, of);
  }
  const texts = [...parts].map(([key, lines]) => [key, lines.join('\n').trim()]);
  return { name: name.replaceAll(/\s+/g, ' ').trim(), result, ...Object.fromEntries(texts) };
}

/**
 * The label that a line begins with. What follows the actual value is written by the host, so only the last line that begins the
 * policy's value ends it.
 */
function labelOf(
  lines: readonly string[],
  index: number,
  within: Part,
  isPolicySeen: boolean,
): (typeof LABELS)[number] | undefined {
  const found = LABELS.find(([pattern]) => pattern.test(lines[index] ?? ''));
  if (!found || within !== 'actual') return found;
  if (found[1] !== 'policy' || isPolicySeen) return undefined;
  return lines.findLastIndex((line) => found[0].test(line)) === index ? found : undefined;
}

function headOf(value: FieldValue | undefined): string {
  return typeof value === 'string' ? value.slice(0, HEAD_LENGTH) : '';
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
