import type { Filters } from '@nmcp/types';
import { type FieldTest, parseCondition } from './filter_condition.ts';
import { invalidFilters } from './filter_error.ts';
import type { Finding } from './finding.ts';

/** Says whether a finding is wanted. */
export type FindingPredicate = (finding: Finding) => boolean;

/** Filters, ready to be asked: a tree, so that an index can ask each part of what it knows. */
export interface CompiledFilters {
  matches: FindingPredicate;
  /** Fields that are looked at. */
  fields: ReadonlySet<string>;
  /** How the parts belong together; a condition on one field has none. */
  combines: 'all' | 'any' | 'not' | 'none';
  parts: readonly CompiledFilters[];
  /** What it was compiled from. */
  source: Filters;
}

const MAX_DEPTH = 8;
const MAX_CONDITIONS = 200;
/** As groups by port name it. */
const PORT = /^\s*(\d{1,5})\/(tcp|udp|icmp)\s*$/i;

/**
 * Compiles filters into one test of a finding.
 *
 * @throws {NmcpError} `invalid_input` naming the field and what would be right.
 *
 * @example
 * ```ts
 * import { compileFilters } from '@nmcp/schema';
 *
 * const { matches, fields } = compileFilters({ severity: '>=3', any: [{ cve: '2021-44228' }, { port: 443 }] });
 * console.assert([...fields].join() === 'severity,cve,port' && typeof matches === 'function');
 * ```
 */
export function compileFilters(filters: Filters): CompiledFilters {
  return new FilterCompiler().compile(filters, 'filters', 1);
}

class FilterCompiler {
  #conditions = 0;

  compile(filters: Filters, where: string, depth: number): CompiledFilters {
    if (!isRecord(filters)) throw invalidFilters(where, 'expected an object such as {"severity": ">=3"}');
    if (depth > MAX_DEPTH)
      throw invalidFilters(where, `filters may be nested at most ${MAX_DEPTH} levels deep`);
    const parts = Object.entries(filters).map(([name, value]) =>
      this.#entry(name, value, `${where}.${name.slice(0, 60)}`, depth),
    );
    const [only] = parts;
    return parts.length === 1 && only ? only : combine('all', parts, filters);
  }

  #entry(name: string, value: Filters[string], where: string, depth: number): CompiledFilters {
    const source = { [name]: value };
    if (name === 'not') return combine('not', [this.compile(value as Filters, where, depth + 1)], source); // checked there
    if (name === 'any' || name === 'all') {
      if (!Array.isArray(value) || value.length === 0)
        throw invalidFilters(
          where,
          'expected a list of filters, such as [{"severity": "4"}, {"exploit_available": true}]',
        );
      const parts = value.map((branch: Filters, index) =>
        this.compile(branch, `${where}.${index}`, depth + 1),
      );
      return combine(name, parts, source);
    }
    const [, port, protocol] = name === 'port' && typeof value === 'string' ? (PORT.exec(value) ?? []) : [];
    if (port !== undefined && protocol !== undefined)
      return combine('all', this.compile({ port, protocol }, where, depth + 1).parts, source);
    if (++this.#conditions > MAX_CONDITIONS)
      throw invalidFilters(where, `at most ${MAX_CONDITIONS} conditions are allowed`);
    return condition(name, parseCondition(value, where, name), source);
  }
}

function condition(field: string, test: FieldTest, source: Filters): CompiledFilters {
  const alsoByAddress = test.byAddress === true && field === 'host';
  return {
    ...{ combines: 'none', parts: [], source },
    fields: new Set(alsoByAddress ? [field, 'host_ip'] : [field]),
    matches: alsoByAddress
      ? (finding) =>
          holds(test, finding.host) || (finding.host_ip !== finding.host && holds(test, finding.host_ip))
      : (finding) => holds(test, finding[field]),
  };
}

function combine(
  combines: 'all' | 'any' | 'not',
  parts: readonly CompiledFilters[],
  source: Filters,
): CompiledFilters {
  const matches: Record<typeof combines, FindingPredicate> = {
    all: (finding) => parts.every((part) => part.matches(finding)),
    any: (finding) => parts.some((part) => part.matches(finding)),
    not: (finding) => !parts.some((part) => part.matches(finding)),
  };
  const fields = new Set(parts.flatMap((part) => [...part.fields]));
  return { combines, parts, source, fields, matches: matches[combines] };
}

function holds(test: FieldTest, value: Finding[string] | undefined): boolean {
  const isThere = value !== undefined && value !== null;
  if (test.exists !== undefined && test.exists !== isThere) return false;
  if (!isThere) return test.exists === false;
  return Array.isArray(value)
    ? value.some((element) => test.value(element))
    : test.value(value as string | number | boolean); // no list
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
