import * as v from 'valibot';

/** The name of a scanner pool; its queue's key is `{pool}:queue`. */
export type PoolName = string & { readonly __brand: 'PoolName' };

const PATTERN = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

/** The pool of every tool call that names none. */
export const DEFAULT_POOL: PoolName = 'nessus' as PoolName;

/** Whether a text can be the name of a pool: a letter, then up to 62 letters, digits, `_` or `-`. */
export function isPoolName(text: unknown): text is PoolName {
  return typeof text === 'string' && PATTERN.test(text);
}

/**
 * The kind of scanner in a pool: its name up to the first underscore, so `nessus_dmz` holds `nessus` scanners.
 *
 * @example
 * ```ts
 * import { scannerTypeOf } from '@nmcp/types';
 *
 * console.assert(scannerTypeOf('nessus_dmz') === 'nessus');
 * ```
 */
export function scannerTypeOf(pool: string): string {
  const end = pool.indexOf('_');
  return end < 0 ? pool : pool.slice(0, end);
}

/** How a scanner is named across pools: `pool:instance`. */
export function instanceKey(pool: string, instanceId: string): string {
  return `${pool}:${instanceId}`;
}

/** Schema of a {@linkcode PoolName}. */
export const PoolNameSchema: v.GenericSchema<unknown, PoolName> = v.custom<PoolName>(
  isPoolName,
  'is not a pool name: expected a letter, then letters, digits, "_" or "-"',
);
