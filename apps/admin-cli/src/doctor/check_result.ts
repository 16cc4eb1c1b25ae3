/** The result of a check. */
export interface CheckResult {
  /** What was checked, such as `queue`. */
  check: string;
  state: 'ok' | 'warning' | 'failed';
  detail: string;
  /** How to fix it. */
  advice?: string | undefined;
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
