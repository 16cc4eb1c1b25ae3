import { type CheckResult, ok } from '@nmcp/scans';
import type { State } from '../state/state.ts';

/** Whether the bucket of the results answers, and knows who asks; nothing where they are in folders. */
export async function checkBucket({ bucket }: State): Promise<CheckResult[]> {
  if (!bucket) return [];
  const begun = performance.now();
  await bucket.look();
  return [ok('results', `${bucket.where} answers in ${Math.round(performance.now() - begun)} ms`)];
}
