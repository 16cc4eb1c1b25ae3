import type { Filters } from '@nmcp/types';
import { type FieldTest, parseCondition } from './filter_condition.ts';
import { invalidFilters } from './filter_error.ts';
import type { Finding } from './finding.ts';

/** Says whether a finding is wanted. */
export type FindingPredicate = (finding: Finding) => boolean;

/** Filters, ready to be asked. */
export interface CompiledFilters {
  matches: FindingPredicate;
  /** Fields that are looked at. */
  fields: ReadonlySet<string>;
  /** Parts that must all hold, each with the fields that it looks at: an index answers those of few fields first. */
  parts: readonly FilterPart[];
}

/** One of the parts of {@linkcode CompiledFilters}. */
export interface FilterPart {
  matches: FindingPredicate;
  fields: ReadonlySet<string>;
}

const MAX_DEPTH = 8;
const MAX_CONDITIONS = 200;

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
  const parts = new FilterCompiler().compile(filters, 'filters', 1);
  return { ...joined(parts), parts };
}

class FilterCompiler {
  #conditions = 0;

  compile(filters: Filters, where: string, depth: number): FilterPart[] {
    if (!isRecord(filters)) throw invalidFilters(where, 'expected an object such as {"severity": ">=3"}');
    if (depth > MAX_DEPTH)
      throw invalidFilters(where, `filters may be nested at most ${MAX_DEPTH} levels deep`);
    return Object.entries(filters).flatMap(([name, value]) =>
      this.#entry(name, value, `${where}.${name.slice(0, 60)}`, depth),
    );
  }

  #entry(name: string, value: Filters[string], where: string, depth: number): FilterPart[] {
    if (name === 'not') return [negated(joined(this.compile(value as Filters, where, depth + 1)))]; // checked there
    if (name === 'any' || name === 'all') {
      if (!Array.isArray(value) || value.length === 0)
        throw invalidFilters(
          where,
          'expected a list of filters, such as [{"severity": "4"}, {"exploit_available": true}]',
        );
      const branches = value.map((branch: Filters, index) =>
        this.compile(branch, `${where}.${index}`, depth + 1),
      );
      return name === 'all' ? branches.flat() : [either(branches.map(joined))];
    }
    if (++this.#conditions > MAX_CONDITIONS)
      throw invalidFilters(where, `at most ${MAX_CONDITIONS} conditions are allowed`);
    const test = parseCondition(value, where);
    return [{ fields: new Set([name]), matches: (finding) => holds(test, finding[name]) }];
  }
}

function holds(test: FieldTest, value: Finding[string] | undefined): boolean {
  const isThere = value !== undefined && value !== null;
  if (test.exists !== undefined && test.exists !== isThere) return false;
  if (!isThere) return test.exists === false;
  return Array.isArray(value)
    ? value.some((element) => test.value(element))
    : test.value(value as string | number | boolean); // no list
}

function joined(parts: readonly FilterPart[]): FilterPart {
  const [only] = parts;
  const matches: FindingPredicate =
    parts.length === 1 && only ? only.matches : (finding) => parts.every((part) => part.matches(finding));
  return { matches, fields: fieldsOf(parts) };
}

function either(branches: readonly FilterPart[]): FilterPart {
  return {
    matches: (finding) => branches.some((branch) => branch.matches(finding)),
    fields: fieldsOf(branches),
  };
}

function negated(part: FilterPart): FilterPart {
  return { matches: (finding) => !part.matches(finding), fields: part.fields };
}

function fieldsOf(parts: readonly FilterPart[]): Set<string> {
  return new Set(parts.flatMap((part) => [...part.fields]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
