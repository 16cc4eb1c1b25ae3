/**
 * Runs scans: takes tasks from the queue, drives scanners, stores results.
 *
 * @module
 */
export { createRunner, type Runner, type RunnerOptions } from './create_runner.ts';
export {
  createHousekeeper,
  type Housekeeper,
  type HousekeeperOptions,
  underHousekeepingLease,
} from './housekeeping/create_housekeeper.ts';
export type {
  HousekeepingOptions,
  HousekeepingReport,
  HousekeepingRules,
  RemovedScan,
} from './housekeeping/housekeeping_types.ts';
export { runHousekeeping } from './housekeeping/run_housekeeping.ts';
export { InventoryKeeper, type InventoryKeeperOptions } from './inventory_keeper.ts';
export { type ReconcileOptions, type ReconcileReport, reconcile } from './reconcile.ts';
export type { RetryPolicy } from './retry_while_unreachable.ts';
