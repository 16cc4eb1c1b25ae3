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
export {
  type HousekeepingOptions,
  type HousekeepingReport,
  type HousekeepingRules,
  keepHouse,
  type RemovedScan,
} from './housekeeping/keep_house.ts';
export { type ReconcileOptions, type ReconcileReport, reconcile } from './reconcile.ts';
export type { RetryPolicy } from './while_unreachable.ts';
