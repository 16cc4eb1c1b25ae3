import type { CheckResult, Services } from '@nmcp/scans';

/** Tells, in the log, what the self-check of a start has found: what is to be done, or that all is well. */
export async function logSelfCheck(
  { selfCheck, log }: Pick<Services, 'selfCheck' | 'log'>,
  options: { fresh?: boolean } = {},
): Promise<void> {
  const results = await selfCheck.results(options);
  const wrong = results.filter(({ state }) => state !== 'ok');
  for (const { check, state, detail, advice } of wrong)
    log[state === 'failed' ? 'error' : 'warn']({ check, advice }, `${check}: ${detail}`);
  log.info({ checks: results.length, wrong: wrong.length }, 'self-check');
}

/** The same as lines for a person at a terminal; empty when all is well. */
export function checkLines(results: readonly CheckResult[]): string[] {
  return results
    .filter(({ state }) => state !== 'ok')
    .flatMap(({ check, state, detail, advice }) => [
      `${state.padEnd(7)}  ${check}: ${detail.replaceAll(/\p{C}+/gu, ' ')}`,
      ...(advice === undefined ? [] : [`         ${advice}`]),
    ]);
}
