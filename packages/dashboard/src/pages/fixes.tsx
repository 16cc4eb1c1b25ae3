import type { FixStep } from '@nmcp/scans';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { cut } from './layout.tsx';
import { Chip, SEVERITIES } from './severities.tsx';

/** A step that removes findings. */
export interface ShownFix {
  value: string;
  max_severity: number;
  hosts: number;
  findings: number;
  /** Findings on CISA's list of exploited vulnerabilities. */
  exploited: number;
  exploitable: number;
  overdue?: number | undefined;
  cve_count?: number | undefined;
  cves?: readonly string[] | undefined;
  where?: string | undefined;
}

/** A step of the plan for the network. */
export function stepOf({
  do: value,
  removes,
  kev,
  exploited,
  max_severity_name,
  ...step
}: FixStep): ShownFix {
  const max_severity = SEVERITIES.find(({ key }) => key === max_severity_name)?.level ?? 0;
  return { ...step, value, max_severity, findings: removes, exploited: kev, exploitable: exploited };
}

/** Steps in their order, with what each removes. */
export function Fixes({ fixes, empty }: { fixes: readonly ShownFix[]; empty: string }): JSX.Element {
  if (fixes.length === 0) return <p class="empty">{empty}</p>;
  return (
    <ol class="fixes">
      {fixes.map((fix) => (
        <li>
          <p class="step">
            <Chip level={fix.max_severity} /> {fix.exploited > 0 ? <span class="mark">Exploited</span> : null}{' '}
            {cut(fix.value, 160)}
          </p>
          <p class="notice">{removes(fix)}</p>
        </li>
      ))}
    </ol>
  );
}

/** Such as `Removes 12 findings on 3 hosts, 4 CVEs (CVE-2021-41773 and others). Exploits are known.` */
function removes({
  findings,
  hosts,
  exploited,
  exploitable,
  overdue = 0,
  cve_count = 0,
  cves = [],
  where,
}: ShownFix): string {
  const [first] = cves;
  const named =
    first === undefined ? '' : cve_count > 1 ? `, ${cve_count} CVEs (${first} and others)` : `, ${first}`;
  const known =
    exploited > 0 ? ' It is being exploited, says CISA.' : exploitable > 0 ? ' Exploits are known.' : '';
  const late = overdue > 0 ? ` ${overdue} overdue.` : '';
  const place = where === undefined ? '' : ` On ${cut(where, 200)}.`;
  return `Removes ${count(findings, 'finding')} on ${count(hosts, 'host')}${named}.${known}${late}${place}`;
}

/** Such as `1 host`, `2 hosts`. */
function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
