import { messageOf } from '@nmcp/types';

/** The result of a check. */
export interface CheckResult {
  /** What was checked, such as `queue`. */
  check: string;
  state: 'ok' | 'warning' | 'failed';
  detail: string;
  /** How to fix it. */
  advice?: string | undefined;
  /** The pool that it is about; absent: what only operators look after. */
  pool?: string | undefined;
}

/** All is well. */
export function ok(check: string, detail: string): CheckResult {
  return { check, state: 'ok', detail };
}

/** It works, but could be better. */
export function warning(check: string, detail: string, advice: string): CheckResult {
  return { check, state: 'warning', detail, advice };
}

/** It does not work. */
export function failed(check: string, detail: string, advice: string): CheckResult {
  return { check, state: 'failed', detail, advice };
}

/** Runs a check; one that throws has failed. */
export async function checked(
  check: string,
  run: () => CheckResult[] | Promise<CheckResult[]>,
): Promise<CheckResult[]> {
  try {
    return await run();
  } catch (error) {
    return [failed(check, messageOf(error), 'Fix what the message names')];
  }
}
