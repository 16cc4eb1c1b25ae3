import * as v from 'valibot';
import { NmcpError } from './error.ts';
import { nearestNames, unknownName } from './unknown_name.ts';

type Schema = v.GenericSchema<unknown, unknown>;

/**
 * A schema's complaints as one line: where, what was expected, what came.
 *
 * @param schema the one that complains, of which the names and the missing values are told
 */
export function explainIssues(issues: readonly v.BaseIssue<unknown>[], schema?: Schema): string {
  return issues
    .slice(0, 5)
    .map((issue) => explainIssue(issue, schema))
    .join('; ');
}

function explainIssue(issue: v.BaseIssue<unknown>, schema: Schema | undefined): string {
  const path = v.getDotPath(issue) ?? '';
  const entries = entriesOf(schema);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const names = path.includes('.') ? {} : entries;
    return unknownKey(path, Object.keys(names));
  }
  if (issue.received === 'undefined') {
    const entry = Object.hasOwn(entries, path) ? entries[path] : undefined;
    const isNamed = issue.expected === JSON.stringify(path.split('.').at(-1)); // it names the key, not a value
    const expected = entry ? describeSchema(entry) : isNamed ? '' : wordsFor(issue);
    return `${path || 'It'} is missing${expected === '' ? '' : `; expected ${expected}`}`;
  }
  const why = issue.message.startsWith('Invalid')
    ? `expected ${wordsFor(issue) || 'another value'}, got ${issue.received.slice(0, 80)}${meant(issue)}`
    : issue.message;
  return path ? `${path}: ${why}` : why;
}

function unknownKey(path: string, names: readonly string[]): string {
  const fields = names.includes('filters')
    ? `; fields of findings go into filters: {"${path.slice(0, 40)}": ...}`
    : '';
  if (names.length > 0) return `${unknownName('the argument', path, names)}${fields}`;
  return `${path} is unknown; there is nothing to give here`;
}

/** What an issue expected, without a type-checker's words. */
function wordsFor({ type, expected, requirement }: v.BaseIssue<unknown>): string {
  const words = Object.hasOwn(WORDS, type) ? WORDS[type] : undefined;
  if (words !== undefined) return words;
  if (type === 'min_value') return `at least ${String(requirement)}`;
  if (type === 'max_value') return `at most ${String(requirement)}`;
  const options = optionsOf(expected);
  return options.length > 1 ? `one of ${options.join(', ')}` : (expected ?? '').replaceAll('"', '');
}

const WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  integer: 'a whole number',
  loose_object: 'an object',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  strict_object: 'an object',
  string: 'text',
};

/** The values of `("a" | "b")`. */
function optionsOf(expected: string | null): string[] {
  return [...(expected ?? '').matchAll(/"([^"]*)"/g)].map(([, option = '']) => option);
}

function meant({ type, expected, received }: v.BaseIssue<unknown>): string {
  if (type !== 'picklist') return '';
  const [near] = nearestNames(received.replaceAll('"', ''), optionsOf(expected));
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** What a value should be. */
function describeSchema(schema: Schema): string {
  const inner = unwrapped(schema);
  if ('options' in inner && Array.isArray(inner.options)) return `one of ${inner.options.join(', ')}`;
  return Object.hasOwn(WORDS, inner.type) ? (WORDS[inner.type] ?? '') : '';
}

/** The schema within optional ones and pipes. */
function unwrapped(schema: Schema): Schema {
  if ('wrapped' in schema) return unwrapped(schema.wrapped as Schema); // of valibot's optional schemas
  if ('pipe' in schema && Array.isArray(schema.pipe) && schema.pipe[0] !== schema && schema.pipe.length > 1) {
    const [first] = schema.pipe as Schema[]; // a pipe begins with a schema
    return first && first.type !== schema.type ? unwrapped(first) : schema;
  }
  return schema;
}

function entriesOf(schema: Schema | undefined): Readonly<Record<string, Schema>> {
  return schema && 'entries' in schema ? (schema.entries as Record<string, Schema>) : {}; // of valibot's object schemas
}

/**
 * Checks a value that came from outside.
 *
 * @param what names the value in the error, such as `arguments of get_scan_status`
 * @throws {NmcpError} `invalid_input` saying where it is wrong and what was expected
 */
export function parseInput<T>(schema: v.GenericSchema<unknown, T>, value: unknown, what: string): T {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new NmcpError('invalid_input', `${what}: ${explainIssues(result.issues, schema)}`, {
    title: 'Invalid input',
  });
}
