import * as v from 'valibot';
import { anyPool, clamped, pool } from './fields.ts';

/** Arguments of list_scanner_scans. */
export interface ListScannerScansInput {
  scanner_pool: string;
  scanner_instance?: string | undefined;
  limit: number;
}

/** Schema of {@linkcode ListScannerScansInput}. */
export const ListScannerScansInputSchema: v.GenericSchema<unknown, ListScannerScansInput> = v.strictObject({
  scanner_pool: pool,
  scanner_instance: v.optional(v.pipe(v.string(), v.description('Needed where the pool has several'))),
  limit: v.optional(clamped(1, 1000), 50),
});

/** Arguments of list_scanners. */
export interface ListScannersInput {
  scanner_pool?: string | undefined;
  /** Also those that scanners.yaml disables. */
  include_disabled: boolean;
}

/** Schema of {@linkcode ListScannersInput}. */
export const ListScannersInputSchema: v.GenericSchema<unknown, ListScannersInput> = v.strictObject({
  scanner_pool: anyPool,
  include_disabled: v.optional(v.boolean(), false),
});

/** Arguments of get_pool_status and get_queue_status. */
export interface PoolInput {
  scanner_pool: string;
}

/** Schema of {@linkcode PoolInput}. */
export const PoolInputSchema: v.GenericSchema<unknown, PoolInput> = v.strictObject({ scanner_pool: pool });

/** Arguments of a tool that takes none. */
export type NoInput = Record<string, never>;

/** Schema of {@linkcode NoInput}. */
export const NoInputSchema: v.GenericSchema<unknown, NoInput> = v.strictObject({});
