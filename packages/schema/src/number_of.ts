import type { FilterScalar } from '@nmcp/types';

/** A number, or text that is one; NaN otherwise, which no comparison holds for. */
export function numberOf(value: FilterScalar): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*$/.test(value)
    ? Number(value)
    : Number.NaN;
}
