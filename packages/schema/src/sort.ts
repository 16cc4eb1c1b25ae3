import { NmcpError } from '@nmcp/types/core';
import type { FieldValue, Finding } from './finding.ts';
import { numberOf } from './number_of.ts';

/** One key of an order. */
export interface SortKey {
  field: string;
  descending: boolean;
}

const MAX_KEYS = 5;

/**
 * Reads sort keys: field names, those with `-` in front descending. What has no such field comes last.
 *
 * @throws {NmcpError} `invalid_input`
 */
export function parseSort(sort: readonly string[] = []): SortKey[] {
  if (sort.length > MAX_KEYS)
    throw new NmcpError('invalid_input', `sort: at most ${MAX_KEYS} keys are allowed`, {
      title: 'Invalid sort',
    });
  return sort.map((key) => {
    const field = key.replace(/^[-+]/, '');
    if (field === '')
      throw new NmcpError('invalid_input', 'sort: expected field names such as "-severity"', {
        title: 'Invalid sort',
      });
    return { field, descending: key.startsWith('-') };
  });
}

/** What a field's value is ordered by; see {@linkcode compareValues}. */
export type SortValue = number | string | undefined;

/**
 * Compares two values of a field: numbers by value before text, addresses by their numbers, text without regard to case,
 * lists by their first element; nothing comes last in either direction.
 */
export function compareValues(
  a: FieldValue | undefined,
  b: FieldValue | undefined,
  descending: boolean,
): number {
  return compareSortValues(sortValue(a), sortValue(b), descending);
}

/** {@linkcode compareValues} for values that were made with {@linkcode sortValue}, when many are compared. */
export function compareSortValues(x: SortValue, y: SortValue, descending: boolean): number {
  if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
  const order = typeof x === typeof y ? (x < y ? -1 : x > y ? 1 : 0) : typeof x === 'number' ? -1 : 1;
  return descending ? -order : order;
}

/** Compares findings by several keys; 0 leaves them in the file's order. */
export function compareFindings(a: Finding, b: Finding, keys: readonly SortKey[]): number {
  for (const { field, descending } of keys) {
    const order = compareValues(a[field], b[field], descending);
    if (order !== 0) return order;
  }
  return 0;
}

/** What a field's value is ordered by. */
export function sortValue(value: FieldValue | undefined): SortValue {
  const first = Array.isArray(value) ? value[0] : value;
  if (first === undefined || first === null || first === '') return undefined;
  if (typeof first === 'boolean') return Number(first);
  const number = numberOf(first as string | number); // no list, no boolean
  if (!Number.isNaN(number)) return number;
  const text = String(first);
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)
    ? text
        .split('.')
        .map((part) => part.padStart(3, '0'))
        .join('.')
    : text.toLowerCase();
}
