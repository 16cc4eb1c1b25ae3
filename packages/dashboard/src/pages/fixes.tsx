import type { Task } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { cut } from './layout.tsx';
import { Chip } from './severities.tsx';

/** A step that removes findings. */
export interface ShownFix {
  value: string;
  max_severity: number;
  hosts: number;
  findings: number;
  exploited: number;
  exploitable: number;
  cve_count?: number | undefined;
  cves?: readonly string[] | undefined;
  scans?: readonly Task[] | undefined;
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
          <p class="notice">
            {removes(fix)}
            {fix.scans?.length ? (
              <>
                {' '}
                In{' '}
                {fix.scans.slice(0, SCANS).map((task, i) => (
                  <>
                    {i > 0 ? ', ' : ''}
                    <a href={`/scans/${task.task_id}#fix-first`}>
                      {cut(task.payload.name || task.task_id, 40)}
                    </a>
                  </>
                ))}
                {fix.scans.length > SCANS ? ` and ${fix.scans.length - SCANS} more` : ''}.
              </>
            ) : null}
          </p>
        </li>
      ))}
    </ol>
  );
}

const SCANS = 3;

/** Such as `Removes 12 findings on 3 hosts, 4 CVEs (CVE-2021-41773 and others). Exploits are known.` */
function removes({ findings, hosts, exploited, exploitable, cve_count = 0, cves = [] }: ShownFix): string {
  const [first] = cves;
  const named =
    first === undefined ? '' : cve_count > 1 ? `, ${cve_count} CVEs (${first} and others)` : `, ${first}`;
  const known =
    exploited > 0 ? ' It is being exploited, says CISA.' : exploitable > 0 ? ' Exploits are known.' : '';
  return `Removes ${count(findings, 'finding')} on ${count(hosts, 'host')}${named}.${known}`;
}

/** Such as `1 host`, `2 hosts`. */
function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
