import * as v from 'valibot';
import { NmcpError } from './error.ts';
import { parseInput } from './explain_issues.ts';

/** A value of a field. */
export type FilterScalar = string | number | boolean;

/** Conditions on one field; all must hold, for one element where the field is a list. */
export interface FilterCondition {
  /** Equal: text without regard to case, numbers by value. */
  eq?: FilterScalar;
  ne?: FilterScalar;
  /** Numbers, or dates as `2025-03-14` or `2025/03/14`. */
  gt?: number | string;
  gte?: number | string;
  lt?: number | string;
  lte?: number | string;
  /** Equal to one of these. */
  in?: readonly FilterScalar[];
  /** Holds this text, without regard to case. */
  contains?: string;
  /** Regular expression in RE2's syntax, without regard to case; found anywhere. Its time is linear in the text. */
  regex?: string;
  /** The field is an address of this network: CIDR, range or address. */
  cidr?: string;
  /** Whether the finding has the field. */
  exists?: boolean;
}

/**
 * Field name to condition; all must hold. `any` (a list, one must hold), `all` (a list) and `not` combine filters.
 *
 * A whole address, port, plugin id, severity or CVE is exact, and so are several with commas between them; CIDR, a range or a
 * list on host is networks. Other text is looked for without regard to case, in any element of a list. `">7.0"`, `">="`,
 * `"<"`, `"<="` and `"="` compare numbers, also those that stand as text in the file (severity, port), and severities by their
 * words (`">=high"`). Booleans are exact.
 *
 * @example
 * ```ts
 * import type { Filters } from '@nmcp/types';
 *
 * const filters: Filters = {
 *   severity: '>=3',
 *   any: [{ cve: '2021-44228' }, { exploit_available: true }],
 *   not: { host: { cidr: '10.0.9.0/24' } },
 * };
 * console.assert(filters.severity === '>=3');
 * ```
 */
export interface Filters {
  readonly [field: string]: FilterScalar | FilterCondition | Filters | readonly Filters[];
}

/**
 * Schema of {@linkcode Filters}: an object. What stands in it is checked when it is compiled, which can say more.
 *
 * @param description for the clients of a tool
 */
export function filtersSchema(description: string): v.GenericSchema<unknown, Filters> {
  return v.pipe(
    v.record(v.string(), v.unknown()),
    v.description(description), // behind the transformation it would not be of the input any more
    v.transform((filters) => filters as Filters), // checked when compiled
  );
}

/**
 * Filters as people type them: JSON.
 *
 * @param what they are, for the error
 * @throws {NmcpError} `invalid_input`
 *
 * @example
 * ```ts
 * import { parseFilters } from '@nmcp/types';
 *
 * console.assert(parseFilters('{"severity": ">=3"}', '--filter').severity === '>=3');
 * ```
 */
export function parseFilters(text: string, what: string): Filters {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new NmcpError(
      'invalid_input',
      `${what} is not JSON; expected an object such as {"severity": ">=3"}`,
    );
  }
  return parseInput(filtersSchema('Which findings'), value, what);
}
