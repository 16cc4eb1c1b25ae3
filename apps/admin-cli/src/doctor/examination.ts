/** What a check found. */
export interface Finding {
  /** What was looked at, such as `queue`. */
  check: string;
  state: 'ok' | 'warning' | 'failed';
  detail: string;
  /** What to do about it. */
  advice?: string | undefined;
}

/** All is well. */
export function ok(check: string, detail: string): Finding {
  return { check, state: 'ok', detail };
}

/** It works, and could be better. */
export function warning(check: string, detail: string, advice: string): Finding {
  return { check, state: 'warning', detail, advice };
}

/** It does not work. */
export function failed(check: string, detail: string, advice: string): Finding {
  return { check, state: 'failed', detail, advice };
}
