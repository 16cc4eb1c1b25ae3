import type { CheckResult } from './check_result.ts';

/** What a process finds out about itself and what it needs. */
export interface SelfCheck {
  /** What was found last; undefined before the first time. */
  readonly last: readonly CheckResult[] | undefined;
  /**
   * What was found: now, or within the last minute. It never throws.
   *
   * @param options.fresh in any case now. @default false
   */
  results(options?: { fresh?: boolean }): Promise<readonly CheckResult[]>;
}
