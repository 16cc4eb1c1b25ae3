import { setTimeout } from 'node:timers/promises';
import { hasScope, mayUsePool } from '@nmcp/access';
import { type Operation, operation } from '../operation.ts';
import type { CheckResult } from './check_result.ts';

/** What the self-check has found, of what the caller may know: the scanners and workers of its pools, or as an operator all. */
export const shownChecks: Operation<Record<string, never>, readonly CheckResult[]> = operation(
  { name: 'self_check', scope: 'read', toolsets: ['infrastructure'] },
  async ({ selfCheck }, caller) => {
    const looking = selfCheck.results(); // once a minute; a page waits for the first time only, and not for a silent scanner
    const results = selfCheck.last ?? (await Promise.race([looking, nothingYet()]));
    return results.filter(({ pool }) =>
      pool === undefined ? hasScope(caller, 'admin') : mayUsePool(caller, pool),
    );
  },
);

/** Milliseconds that a page waits for what is not known yet. */
const PATIENCE_MS = 1000;

async function nothingYet(): Promise<readonly CheckResult[]> {
  return await setTimeout(PATIENCE_MS, []);
}
