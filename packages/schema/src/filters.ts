import { type Filters, type FilterValue, NmcpError } from '@nmcp/types';
import type { FieldValue, Finding } from './finding.ts';

/** Says whether a finding is wanted. */
export type FindingPredicate = (finding: Finding) => boolean;

type Scalar = string | number | boolean | null;
type Test = (value: Scalar) => boolean;

/**
 * Compiles filters into one test of a finding; all of them must hold.
 *
 * @throws {NmcpError} `invalid_input` on an operator without a number, naming the field.
 *
 * @example
 * ```ts
 * import { compileFilters } from '@nmcp/schema';
 *
 * const wanted = compileFilters({ severity: '>=3', cve: '2021-44228' });
 * ```
 */
export function compileFilters(filters: Filters): FindingPredicate {
  const tests = Object.entries(filters).map(([field, condition]) => {
    const test = compileCondition(field, condition);
    return (finding: Finding) => matches(finding[field], test);
  });
  return (finding) => tests.every((test) => test(finding));
}

function matches(value: FieldValue | undefined, test: Test): boolean {
  if (value === undefined || value === null) return false;
  return isList(value) ? value.some(test) : test(value);
}

function isList(value: FieldValue): value is readonly Scalar[] {
  return Array.isArray(value);
}

function compileCondition(field: string, condition: FilterValue): Test {
  if (typeof condition === 'boolean') return (value) => value === condition;
  if (typeof condition === 'number') return (value) => numberOf(value) === condition;
  const operator = /^\s*(>=|<=|>|<|=)(.*)$/s.exec(condition);
  if (operator) return compileOperator(field, condition, operator[1] ?? '', operator[2] ?? '');
  const wanted = condition.toLowerCase();
  return (value) => String(value).toLowerCase().includes(wanted);
}

function compileOperator(field: string, condition: string, operator: string, operand: string): Test {
  const bound = numberOf(operand);
  if (Number.isNaN(bound)) {
    throw new NmcpError(
      'invalid_input',
      `filters: ${field}: ${JSON.stringify(condition.slice(0, 60))} is not an operator and a number, such as ">7.0"; the operators are > >= < <= =`,
      { title: 'Invalid filters' },
    );
  }
  const compare = COMPARE[operator];
  return (value) => compare?.(numberOf(value), bound) === true;
}

const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '=': (value, bound) => value === bound,
};

/** A number, or text that is one; NaN otherwise, which no comparison holds for. */
function numberOf(value: Scalar): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*$/.test(value)
    ? Number(value)
    : Number.NaN;
}
