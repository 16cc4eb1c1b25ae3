/**
 * Runs scans: takes tasks from the queue, drives scanners, stores results.
 *
 * @module
 */
export { createRunner, type Runner, type RunnerOptions } from './create_runner.ts';
export type { RetryPolicy } from './while_unreachable.ts';
