import { isNmcpError } from '@nmcp/types';

/** Times that something has to be said before it counts, however long that takes. */
const TIMES = 3;

/**
 * What a scanner says of a scan that runs is believed when it says it again and again: one odd answer, of a proxy, in the
 * middle of a restart or for a session that ended, must not end a scan of many hours.
 */
export class Doubt {
  readonly #goneMs: number;
  #since: number | undefined;
  #times = 0;

  /** @param goneMs milliseconds for which a scanner has to say that a scan is gone */
  constructor(goneMs: number) {
    this.#goneMs = goneMs;
  }

  /** An answer: what was said before counts no more. */
  settle(): void {
    this.#since = undefined;
    this.#times = 0;
  }

  /**
   * Whether a failure is still to be waited out. That a scan is gone, or may not be seen, counts when it was said for long
   * enough; an odd answer never does.
   */
  covers(error: unknown): boolean {
    if (isNmcpError(error, 'scanner_unreachable')) return true;
    if (isGone(error)) {
      this.#since ??= performance.now();
      this.#times++;
      return this.#times < TIMES || performance.now() - this.#since < this.#goneMs;
    }
    this.settle();
    return isOdd(error);
  }
}

/** Whether the scanner says that a scan is not there, or that we may not see it. */
export function isGone(error: unknown): boolean {
  return isNmcpError(error, 'not_found') || (isNmcpError(error, 'scanner_auth') && statusOf(error) === 403);
}

/** Whether an answer says nothing of the scan: a login that was refused, a redirect, a page of a proxy. */
export function isOdd(error: unknown): boolean {
  if (isGone(error)) return false;
  return (
    isNmcpError(error, 'scanner_auth') ||
    (isNmcpError(error, 'scanner_error') && statusOf(error) !== undefined)
  );
}

/** A success that is none of the scanner's, or a redirect: a proxy's page, which says nothing of scanner or scan. */
export function isOfProxy(error: unknown): boolean {
  const status = isNmcpError(error, 'scanner_error') ? statusOf(error) : undefined;
  // what the scanner itself says with 200 is an answer
  const isAnswer = error instanceof Error && 'body' in error && error.body !== undefined;
  return (status === 200 && !isAnswer) || (status !== undefined && status >= 300 && status < 400);
}

function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'httpStatus' in error && typeof error.httpStatus === 'number'
    ? error.httpStatus
    : undefined;
}
