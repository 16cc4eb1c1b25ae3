import type { FilterScalar } from '@nmcp/types';
import { RE2JS } from 're2js';
import { invalidFilters } from './filter_error.ts';
import {
  isAddressField,
  isWithin,
  networkIn,
  type ValueTest,
  wholeValues,
  withSeverityNumbers,
} from './filter_values.ts';
import { numberOf } from './number_of.ts';

/** A test of one value of a field. */
export interface FieldTest {
  value: ValueTest;
  /** Whether the field must be there; absent: it must. */
  exists?: boolean;
  /** It looks for addresses of a network: a host that was scanned by its name is found by its address, too. */
  byAddress?: true;
}

const MAX_REGEX_LENGTH = 500;
/** Steps that a pattern may have, counted repetitions written out: each may be looked at for each character. */
const MAX_REGEX_STEPS = 1000;
/** Counted repetitions multiply where they are nested. */
const MAX_REPETITIONS = 1000;
/** Values of `in`. */
const MAX_VALUES = 10_000;

/** A text that no pattern speaks of: what is found in it and in nothing is found everywhere. */
const UNHEARD_OF = '\u{10fffe}';

const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '=': (value, bound) => value === bound,
};

/** Words of a condition, by what they make of their operand. */
const CONDITIONS: Readonly<Record<string, (operand: unknown, where: string, field: string) => ValueTest>> = {
  eq: (operand, where, field) => oneOf([scalar(operand, where)], where, field),
  ne: (operand, where, field) => {
    const isEqual = oneOf([scalar(operand, where)], where, field);
    return (value) => !isEqual(value);
  },
  gt: (operand, where) => ordered('>', operand, where),
  gte: (operand, where) => ordered('>=', operand, where),
  lt: (operand, where) => ordered('<', operand, where),
  lte: (operand, where) => ordered('<=', operand, where),
  in: (operand, where, field) => {
    if (!Array.isArray(operand)) throw invalidFilters(where, 'expected a list of values');
    if (operand.length === 0)
      throw invalidFilters(where, 'the list is empty, so nothing can match; expected at least one value');
    if (operand.length > MAX_VALUES)
      throw invalidFilters(
        where,
        `at most ${MAX_VALUES} values are allowed, and there are ${operand.length}`,
      );
    return oneOf(
      operand.map((each) => scalar(each, where)),
      where,
      field,
    );
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
export function parseCondition(given: unknown, where: string, field: string): FieldTest {
  const condition = field === 'severity' ? withSeverityNumbers(given, where) : given;
  if (typeof condition === 'boolean') return { value: (value) => value === condition };
  if (typeof condition === 'number') return { value: equals(condition) };
  if (typeof condition === 'string') return textCondition(condition, where, field);
  if (typeof condition !== 'object' || condition === null || Array.isArray(condition)) {
    throw invalidFilters(where, 'expected text, a number, true, false, or conditions such as {"gte": 7}');
  }
  return objectCondition(condition, where, field);
}

function objectCondition(condition: object, where: string, field: string): FieldTest {
  const tests: ValueTest[] = [];
  const words = Object.keys(condition);
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
    tests.push(make(operand, `${where}: ${word}`, field));
  }
  if (tests.length === 0 && exists === undefined) throw invalidFilters(where, 'the condition is empty');
  refuseTurnedRound(condition, where);
  return {
    value: (value) => tests.every((test) => test(value)),
    ...(exists === undefined ? {} : { exists }),
    ...(isAddressField(field) && words.every((word) => word === 'cidr') ? { byAddress: true } : {}),
  };
}

/** @throws {NmcpError} `invalid_input` for bounds between which there is nothing */
function refuseTurnedRound(
  condition: { gt?: unknown; gte?: unknown; lt?: unknown; lte?: unknown },
  where: string,
): void {
  const place = (operand: unknown): number => {
    if (typeof operand !== 'string' && typeof operand !== 'number') return Number.NaN;
    const number = numberOf(operand);
    return Number.isNaN(number) ? dayOf(operand) : number;
  };
  const [from, to] = [place(condition.gte ?? condition.gt), place(condition.lte ?? condition.lt)];
  if (from > to)
    throw invalidFilters(
      where,
      'the range ends before it starts, so nothing can match; the lower bound belongs to gt or gte, the upper one to lt or lte',
    );
}

/**
 * A condition that is text: an operator and a number; a whole value of a field that has such, exactly; a network, where there
 * are addresses; else, as in v3.0, text to look for.
 */
function textCondition(condition: string, where: string, field: string): FieldTest {
  const [, operator, operand = ''] = /^\s*(>=|<=|>|<|=)(.*)$/s.exec(condition) ?? [];
  if (operator === undefined) return plainText(condition, where, field);
  const bound = numberOf(operand);
  if (Number.isNaN(bound)) {
    throw invalidFilters(
      where,
      `${JSON.stringify(condition.slice(0, 60))} is not an operator and a number, such as ">7.0"; the operators are > >= < <= =`,
    );
  }
  const compare = COMPARE[operator];
  return { value: (value) => compare?.(numberOf(value), bound) === true };
}

function plainText(text: string, where: string, field: string): FieldTest {
  const whole = wholeValues(field, text);
  if (whole) return { value: oneOf(whole, where, field) };
  const network = isAddressField(field) ? networkIn(text, where) : undefined;
  return network ? { value: network, byAddress: true } : { value: contains(text) };
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

/** Equal to one of several: a lookup, however many they are. Where there are addresses, networks hold what is in them. */
function oneOf(wanted: readonly FilterScalar[], where: string, field: string): ValueTest {
  const networks = isAddressField(field)
    ? wanted.filter((value) => typeof value === 'string' && /[/-]/.test(value)).map(String)
    : [];
  const within = networks.flatMap((text) => networkIn(text, where) ?? []);
  const isEqual = equalsOne(wanted);
  if (within.length === 0) return isEqual;
  return (value) => isEqual(value) || within.some((test) => test(value));
}

function equalsOne(wanted: readonly FilterScalar[]): ValueTest {
  const [only] = wanted;
  if (only !== undefined && wanted.length === 1) return equals(only);
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
  if (compiled.matcher('').find() && compiled.matcher(UNHEARD_OF).find())
    throw invalidFilters(
      where,
      `${JSON.stringify(pattern.slice(0, 60))} is found in every text; leave it out, or write {"exists": true} for findings that have the field`,
    );
  return (value) => compiled.matcher(String(value)).find();
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
