import { type FilterScalar, parseTargets, type Target, targetsOverlap } from '@nmcp/types';
import { RE2JS } from 're2js';
import { invalidFilters } from './filter_error.ts';

/** A test of one value of a field. */
export interface FieldTest {
  value: (value: FilterScalar) => boolean;
  /** Whether the field must be there; absent: it must. */
  exists?: boolean;
}

type ValueTest = (value: FilterScalar) => boolean;

const MAX_REGEX_LENGTH = 500;
/** Steps that a pattern may have, counted repetitions written out: each may be looked at for each character. */
const MAX_REGEX_STEPS = 1000;
/** Counted repetitions multiply where they are nested. */
const MAX_REPETITIONS = 1000;
/** Values of `in`. */
const MAX_VALUES = 10_000;

const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '=': (value, bound) => value === bound,
};

/** Words of a condition, by what they make of their operand. */
const CONDITIONS: Readonly<Record<string, (operand: unknown, where: string) => ValueTest>> = {
  eq: (operand, where) => equals(scalar(operand, where)),
  ne: (operand, where) => {
    const isEqual = equals(scalar(operand, where));
    return (value) => !isEqual(value);
  },
  gt: (operand, where) => ordered('>', operand, where),
  gte: (operand, where) => ordered('>=', operand, where),
  lt: (operand, where) => ordered('<', operand, where),
  lte: (operand, where) => ordered('<=', operand, where),
  in: (operand, where) => {
    if (!Array.isArray(operand) || operand.length === 0)
      throw invalidFilters(where, 'expected a list of values');
    if (operand.length > MAX_VALUES)
      throw invalidFilters(
        where,
        `at most ${MAX_VALUES} values are allowed, and there are ${operand.length}`,
      );
    return oneOf(operand.map((each) => scalar(each, where)));
  },
  contains: (operand, where) => contains(text(operand, where)),
  regex: (operand, where) => matchesRegex(text(operand, where), where),
  cidr: (operand, where) => isWithin(text(operand, where), where),
};

/**
 * Compiles what stands behind a field's name.
 *
 * @throws {NmcpError} `invalid_input`
 */
export function parseCondition(condition: unknown, where: string): FieldTest {
  if (typeof condition === 'boolean') return { value: (value) => value === condition };
  if (typeof condition === 'number') return { value: equals(condition) };
  if (typeof condition === 'string') return { value: textCondition(condition, where) };
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) {
    throw invalidFilters(where, 'expected text, a number, true, false, or conditions such as {"gte": 7}');
  }
  return objectCondition(condition, where);
}

function objectCondition(condition: object, where: string): FieldTest {
  const tests: ValueTest[] = [];
  let exists: boolean | undefined;
  for (const [word, operand] of Object.entries(condition)) {
    if (word === 'exists') {
      if (typeof operand !== 'boolean') throw invalidFilters(where, 'exists: expected true or false');
      exists = operand;
      continue;
    }
    const make = Object.hasOwn(CONDITIONS, word) ? CONDITIONS[word] : undefined;
    if (!make)
      throw invalidFilters(
        where,
        `${JSON.stringify(word.slice(0, 40))} is not a condition; expected ${Object.keys(CONDITIONS).join(', ')}, exists`,
      );
    tests.push(make(operand, `${where}: ${word}`));
  }
  if (tests.length === 0 && exists === undefined) throw invalidFilters(where, 'the condition is empty');
  return {
    value: (value) => tests.every((test) => test(value)),
    ...(exists === undefined ? {} : { exists }),
  };
}

/** v3.0's conditions: an operator and a number, or text to look for. */
function textCondition(condition: string, where: string): ValueTest {
  const [, operator, operand = ''] = /^\s*(>=|<=|>|<|=)(.*)$/s.exec(condition) ?? [];
  if (operator === undefined) return contains(condition);
  const bound = numberOf(operand);
  if (Number.isNaN(bound)) {
    throw invalidFilters(
      where,
      `${JSON.stringify(condition.slice(0, 60))} is not an operator and a number, such as ">7.0"; the operators are > >= < <= =`,
    );
  }
  const compare = COMPARE[operator];
  return (value) => compare?.(numberOf(value), bound) === true;
}

function contains(wanted: string): ValueTest {
  const lower = wanted.toLowerCase();
  return (value) => String(value).toLowerCase().includes(lower);
}

function equals(wanted: FilterScalar): ValueTest {
  const number = typeof wanted === 'boolean' ? Number.NaN : numberOf(wanted);
  if (!Number.isNaN(number)) return (value) => numberOf(value) === number;
  if (typeof wanted === 'boolean') return (value) => value === wanted;
  const lower = String(wanted).toLowerCase();
  return (value) => String(value).toLowerCase() === lower;
}

/** Equal to one of several: a lookup, however many they are. */
function oneOf(wanted: readonly FilterScalar[]): ValueTest {
  const numbers = new Set<number>();
  const texts = new Set<string>();
  const flags = new Set<FilterScalar>();
  for (const value of wanted) {
    if (typeof value === 'boolean') flags.add(value);
    else if (Number.isNaN(numberOf(value))) texts.add(String(value).toLowerCase());
    else numbers.add(numberOf(value));
  }
  return (value) =>
    numbers.has(numberOf(value)) || flags.has(value) || texts.has(String(value).toLowerCase());
}

function ordered(operator: string, operand: unknown, where: string): ValueTest {
  const given = scalar(operand, where);
  const number = numberOf(given);
  const compare = COMPARE[operator];
  if (!Number.isNaN(number)) return (value) => compare?.(numberOf(value), number) === true;
  const day = dayOf(given);
  if (Number.isNaN(day))
    throw invalidFilters(
      where,
      `${JSON.stringify(String(given).slice(0, 40))} is neither a number nor a date such as 2025-03-14`,
    );
  return (value) => compare?.(dayOf(value), day) === true;
}

/** Nessus writes dates as 2025/03/14. Days since 1970; NaN when it is no date. */
function dayOf(value: FilterScalar): number {
  const match = /^\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})\s*$/.exec(String(value));
  if (!match) return Number.NaN;
  const [, year, month, day] = match.map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day) / 86_400_000;
}

/** RE2's expressions have no backtracking: a pattern from outside cannot hang the server. */
function matchesRegex(pattern: string, where: string): ValueTest {
  if (pattern.length > MAX_REGEX_LENGTH)
    throw invalidFilters(where, `the pattern may have at most ${MAX_REGEX_LENGTH} characters`);
  const repetitions = [...pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].reduce(
    (product, [, least, most]) => product * Math.max(1, Number(most || least)),
    1,
  );
  if (repetitions > MAX_REPETITIONS)
    throw invalidFilters(
      where,
      `its repetitions may multiply to at most ${MAX_REPETITIONS}; write * or + in place of large counts`,
    );
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    throw invalidFilters(
      where,
      `${JSON.stringify(pattern.slice(0, 60))} is not a regular expression in RE2 syntax (${error instanceof Error ? error.message : 'syntax'})`,
    );
  }
  if (compiled.programSize() > MAX_REGEX_STEPS)
    throw invalidFilters(
      where,
      `the pattern is too large: with its repetitions written out it has more than ${MAX_REGEX_STEPS} steps`,
    );
  return (value) => compiled.matcher(String(value)).find();
}

function isWithin(network: string, where: string): ValueTest {
  const wanted = parseOr(network, (error) => invalidFilters(where, error));
  return (value) => {
    const address = typeof value === 'string' && /^[\d.]+$|:/.test(value) ? parseOrNone(value) : undefined;
    return address !== undefined && targetsOverlap(address, wanted);
  };
}

function parseOr(targets: string, fail: (why: string) => Error): Target[] {
  try {
    return parseTargets(targets);
  } catch (error) {
    throw fail(error instanceof Error ? error.message : String(error));
  }
}

function parseOrNone(text: string): Target[] | undefined {
  try {
    return parseTargets(text);
  } catch {
    return undefined;
  }
}

function scalar(operand: unknown, where: string): FilterScalar {
  if (typeof operand === 'string' || typeof operand === 'number' || typeof operand === 'boolean')
    return operand;
  throw invalidFilters(where, 'expected text, a number, true or false');
}

function text(operand: unknown, where: string): string {
  if (typeof operand === 'string' && operand !== '') return operand;
  throw invalidFilters(where, 'expected text');
}

/** A number, or text that is one; NaN otherwise, which no comparison holds for. */
export function numberOf(value: FilterScalar): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*$/.test(value)
    ? Number(value)
    : Number.NaN;
}
