import type { ScanSummary } from '@nmcp/results';
import { isWrittenByNoHost } from '@nmcp/schema';
import { type Filters, NmcpError } from '@nmcp/types';

/** What a query is about. */
export interface AskedFields {
  /** Names of fields. */
  fields?: readonly string[] | undefined;
  /** Names of fields, with a minus where it is descending. */
  sort?: readonly string[] | undefined;
  filters?: Filters | undefined;
}

/**
 * In lockdown, what hosts write cannot be found out by filtering, sorting or counting either.
 *
 * @throws {NmcpError} `policy_denied` for a query about a field that a host can write
 */
export function refuseHostOutput(
  { fields = [], sort = [], filters = {} }: AskedFields,
  { lockdown }: { lockdown: boolean },
): void {
  if (!lockdown) return;
  const asked = [...fields, ...sort.map((key) => key.replace(/^-/, '')), ...fieldsOf(filters)];
  const field = asked.find((name) => !isWrittenByNoHost(name));
  if (field === undefined) return;
  throw new NmcpError(
    'policy_denied',
    `This server is in lockdown: ${JSON.stringify(field.slice(0, 60))} can hold what a host wrote, and cannot be read, filtered or sorted by`,
    { title: 'Denied by policy' },
  );
}

/** Names of the fields of a filter, however deep. */
function fieldsOf(filters: Filters): string[] {
  return Object.entries(filters).flatMap(([name, condition]) =>
    ['any', 'all', 'not'].includes(name) && typeof condition === 'object'
      ? [condition].flat().flatMap((each) => fieldsOf(each as Filters)) // what is none is refused when it is compiled
      : [name],
  );
}

/** In lockdown, hosts do not say what they are. */
export function shownSummary(summary: ScanSummary, { lockdown }: { lockdown: boolean }): ScanSummary {
  if (!lockdown) return summary;
  return { ...summary, top_hosts: summary.top_hosts.map(({ os: _, ...host }) => host) };
}
