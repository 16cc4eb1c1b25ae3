import type { Finding } from '@nmcp/schema';
import { type Filters, NmcpError } from '@nmcp/types';
import type { FindingsIndex } from './index/findings_index.ts';

/** What findings can be counted by. */
export const GROUP_FIELDS = ['severity', 'host', 'plugin', 'family', 'cve', 'port', 'service'] as const;

/** One of {@linkcode GROUP_FIELDS}. */
export type GroupField = (typeof GROUP_FIELDS)[number];

/** Findings that have something in common. */
export interface FindingGroup {
  /** What they have in common, such as `443` or `CVE-2021-44228`. */
  value: string;
  /** Its name, for plugins. */
  name?: string;
  findings: number;
  hosts: number;
  /** The worst severity among them, 0 to 4. */
  max_severity: number;
}

/** Options of {@linkcode groupFindings}. */
export interface GroupOptions {
  /** @default all findings */
  filters?: Filters | undefined;
  /** Maximum number of groups. @default 10 */
  top?: number | undefined;
}

/**
 * Counts findings by what they have in common: worst severity first, then most hosts, then most findings.
 *
 * @throws {NmcpError} `invalid_input`
 */
export function groupFindings(
  index: FindingsIndex,
  field: string,
  { filters = {}, top = 10 }: GroupOptions = {},
): { groups: FindingGroup[]; total_groups: number } {
  if (!isGroupField(field))
    throw new NmcpError(
      'invalid_input',
      `group_by ${JSON.stringify(field.slice(0, 40))} is unknown; expected one of ${GROUP_FIELDS.join(', ')}`,
      { title: 'Invalid group_by' },
    );
  const { rows } = index.select(filters);
  const counter = new GroupCounter(index);
  if (field === 'host') for (const row of rows) counter.add(row, [index.hosts[row] ?? 0]);
  else {
    const { ids, names } = valuesByVariant(index.briefs, field);
    for (const row of rows) counter.add(row, ids[index.variants[row] ?? 0] ?? []);
    counter.names = names;
  }
  return counter.top(top);
}

/** For each variant the groups that it belongs to, and the groups' names. */
function valuesByVariant(
  variants: readonly Finding[],
  field: Exclude<GroupField, 'host'>,
): { ids: number[][]; names: { value: string; name?: string }[] } {
  const known = new Map<string, number>();
  const names: { value: string; name?: string }[] = [];
  const ids = variants.map((variant) =>
    valuesOf(variant, field).map(({ value, name }) => {
      const id = known.get(value) ?? names.push({ value, ...(name === undefined ? {} : { name }) }) - 1;
      known.set(value, id);
      return id;
    }),
  );
  return { ids, names };
}

function valuesOf(variant: Finding, field: Exclude<GroupField, 'host'>): { value: string; name?: string }[] {
  switch (field) {
    case 'severity':
      return [{ value: variant.severity ?? 'none' }];
    case 'plugin':
      return [{ value: variant.plugin_id ?? 'none', name: nameOf(variant) }];
    case 'family':
      return [{ value: variant.plugin_family ?? 'none' }];
    case 'port':
      return [{ value: `${variant.port ?? 'none'}/${variant.protocol ?? 'none'}` }];
    case 'service':
      return [{ value: variant.svc_name ?? 'none' }];
    case 'cve':
      return [variant.cve ?? []].flat().map((cve) => ({ value: String(cve) }));
  }
}

/** A plugin's name: a ReportItem can have it twice, as an attribute and as an element. */
export function nameOf(variant: Finding): string {
  return String([variant.plugin_name].flat()[0] ?? '');
}

/** A severity as a number; 0 if it is not one. */
export function severityOf(variant: Finding | undefined): number {
  const severity = Number(variant?.severity ?? 0);
  return severity >= 0 && severity <= 4 ? severity : 0;
}

class GroupCounter {
  readonly #index: FindingsIndex;
  readonly #findings: number[] = [];
  readonly #hosts: number[] = [];
  readonly #lastHost: number[] = [];
  readonly #worst: number[] = [];
  readonly #severities: Uint8Array;
  /** Names of the groups. @default the hosts' names */
  names: readonly { value: string; name?: string }[] | undefined;

  constructor(index: FindingsIndex) {
    this.#index = index;
    this.#severities = Uint8Array.from(index.briefs, severityOf);
  }

  /** Rows come host by host, so each change of host is another host. */
  add(row: number, groups: readonly number[]): void {
    const host = this.#index.hosts[row] ?? 0;
    const severity = this.#severities[this.#index.variants[row] ?? 0] ?? 0;
    for (const group of groups) {
      this.#findings[group] = (this.#findings[group] ?? 0) + 1;
      this.#worst[group] = Math.max(this.#worst[group] ?? 0, severity);
      if (this.#lastHost[group] === host) continue;
      this.#lastHost[group] = host;
      this.#hosts[group] = (this.#hosts[group] ?? 0) + 1;
    }
  }

  top(count: number): { groups: FindingGroup[]; total_groups: number } {
    const groups = this.#findings.flatMap((findings, group): FindingGroup[] => {
      const name = this.names?.[group] ?? { value: this.#index.hostNames[group] ?? '' };
      return [{ ...name, findings, hosts: this.#hosts[group] ?? 0, max_severity: this.#worst[group] ?? 0 }];
    });
    groups.sort((a, b) => b.max_severity - a.max_severity || b.hosts - a.hosts || b.findings - a.findings);
    return { groups: groups.slice(0, count), total_groups: groups.length };
  }
}

function isGroupField(field: string): field is GroupField {
  return (GROUP_FIELDS as readonly string[]).includes(field); // widened, so that any text may be looked for
}
