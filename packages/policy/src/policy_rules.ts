import { parseTargets } from '@nmcp/types';
import * as v from 'valibot';

/** When scanning is allowed. */
export interface ScanWindow {
  /** Such as `mon`; absent: every day. A window that crosses midnight belongs to the day on which it begins. */
  days?: readonly Weekday[] | undefined;
  /** `HH:MM`. */
  from: string;
  /** `HH:MM`; earlier than `from`: on the next day. */
  to: string;
}

/** Days of the week. */
export const WEEKDAYS: readonly ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] = [
  'sun',
  'mon',
  'tue',
  'wed',
  'thu',
  'fri',
  'sat',
];

/** One of {@linkcode WEEKDAYS}. */
export type Weekday = (typeof WEEKDAYS)[number];

/** Scans that need approval. */
export interface ApprovalRules {
  /** Scans that log in to hosts. @default false */
  credentialed?: boolean | undefined;
  /** Scans of more addresses than this. */
  hosts_above?: number | undefined;
  /** Scans that touch one of these networks, addresses or names. */
  targets?: readonly string[] | undefined;
  /**
   * Who approves: the person at the MCP client, if the client can ask, or only an operator, with
   * `nmcp-admin approve`.
   *
   * @default user
   */
  by?: Approver | undefined;
}

/** Who may approve; an operator always may. */
export type Approver = 'user' | 'operator';

/** What one part of a policy says. */
export interface PolicyRules {
  /**
   * Addresses, networks, ranges; host names and `*.example.org` for all names below one. A host name stands for the machine: its
   * addresses, whatever else they are called. A pattern is about names only.
   */
  allow?: readonly string[] | undefined;
  /** What a report that is imported may hold, in the place of `allow`. @default as for scanning */
  import?: readonly string[] | undefined;
  /** The same; it wins over every allow. */
  deny?: readonly string[] | undefined;
  /** Maximum addresses per scan. */
  max_hosts_per_scan?: number | undefined;
  /** Maximum addresses that a caller may submit in 24 hours. */
  max_hosts_per_day?: number | undefined;
  /** Which scans need approval; one matching part is enough. */
  approval?: ApprovalRules | undefined;
  /**
   * Host names that have no address here. `scanner`: the scanner resolves them, and since nobody can check what it finds, an
   * allow list must name them. The strictest that applies.
   *
   * @default deny
   */
  unresolved?: 'deny' | 'scanner' | undefined;
  /** Absent: at any time. */
  windows?: readonly ScanWindow[] | undefined;
  /** Of the windows, such as `Europe/Berlin`. @default UTC */
  timezone?: string | undefined;
}

/** policy.yaml. */
export interface PolicyDocument {
  default?: PolicyRules | undefined;
  /** By name of the pool. */
  pools?: Readonly<Record<string, PolicyRules>> | undefined;
  /** By name of the caller. */
  callers?: Readonly<Record<string, PolicyRules>> | undefined;
}

/** `web.example.org` or `*.example.org`. */
const NAME_PATTERN = /^(?:\*\.)?(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*$/i;

/** Whether an entry of a rule is about names. */
export function isNamePattern(text: string): boolean {
  return NAME_PATTERN.test(text) && /[a-z]/i.test(text.split('.').at(-1) ?? '') && !text.includes(':');
}

/** Whether a name pattern is the name of one machine. */
export function isSingleName(text: string): boolean {
  return isNamePattern(text) && !text.startsWith('*.');
}

const entry = v.pipe(
  v.string('expected an address, a network, a range or a host name'),
  v.check(
    (text) => isNamePattern(text) || isNetwork(text),
    (issue) => `is ${explain(String(issue.input))}`,
  ),
);

function isNetwork(text: string): boolean {
  try {
    const targets = parseTargets(text);
    return targets.length === 1 && targets[0]?.kind === 'range';
  } catch {
    return false;
  }
}

function explain(text: string): string {
  return `neither an address, a network, a range nor a host name: ${JSON.stringify(text.slice(0, 60))}`;
}

const time = v.pipe(
  v.string(),
  v.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'expected a time such as "22:30", in quotes'),
);
const count = v.pipe(
  v.number('expected a whole number from 1'),
  v.integer('expected a whole number from 1'),
  v.minValue(1, 'expected a whole number from 1'),
);

const RulesSchema: v.GenericSchema<unknown, PolicyRules> = v.strictObject({
  allow: v.optional(v.array(entry, 'expected a list')),
  deny: v.optional(v.array(entry, 'expected a list')),
  import: v.optional(v.array(entry, 'expected a list')),
  max_hosts_per_scan: v.optional(count),
  max_hosts_per_day: v.optional(count),
  approval: v.optional(
    v.strictObject({
      credentialed: v.optional(v.boolean('expected true or false')),
      hosts_above: v.optional(count),
      targets: v.optional(v.array(entry, 'expected a list')),
      by: v.optional(v.picklist(['user', 'operator'], 'expected user or operator')),
    }),
  ),
  unresolved: v.optional(v.picklist(['deny', 'scanner'], 'expected deny or scanner')),
  windows: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          days: v.optional(
            v.pipe(
              v.array(v.picklist(WEEKDAYS, `expected one or more of ${WEEKDAYS.join(', ')}`)),
              v.minLength(1, 'is empty'),
            ),
          ),
          from: time,
          to: time,
        }),
        'expected a list',
      ),
      v.minLength(1, 'is empty; leave it out to allow any time'),
    ),
  ),
  timezone: v.optional(v.pipe(v.string(), v.check(isTimeZone, 'is not a time zone such as "Europe/Berlin"'))),
});

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}

/** Schema of policy.yaml; unknown names are rejected, since they are typos. */
export const PolicyDocumentSchema: v.GenericSchema<unknown, PolicyDocument> = v.strictObject({
  default: v.optional(RulesSchema),
  pools: v.optional(v.record(v.string(), RulesSchema)),
  callers: v.optional(v.record(v.string(), RulesSchema)),
});
