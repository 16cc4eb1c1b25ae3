import { hasScope, mayUsePool } from '@nmcp/access';
import { type Operation, operation } from '../operation.ts';
import type { CheckResult } from './check_result.ts';

/** What the self-check has found, of what the caller may know: the scanners and workers of its pools, or as an operator all. */
export const shownChecks: Operation<Record<string, never>, readonly CheckResult[]> = operation(
  { name: 'self_check', scope: 'read', toolsets: ['infrastructure'] },
  async ({ selfCheck }, caller) => {
    const results = await selfCheck.results();
    return results.filter(({ pool }) =>
      pool === undefined ? hasScope(caller, 'admin') : mayUsePool(caller, pool),
    );
  },
);
