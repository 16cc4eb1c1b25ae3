import { isNmcpError } from '@nmcp/types';
import type { Method } from './call.ts';
import { NessusApiError, ScannerUnreachableError } from './errors.ts';

/** How often and how patiently calls that are safe to repeat are repeated. */
export interface RetryOptions {
  /** Times in all. @default 3 */
  tries?: number | undefined;
  /** Milliseconds before the second time, give or take half; each wait is twice the one before. @default 500 */
  firstWaitMs?: number | undefined;
  /** Longest wait in milliseconds, also where the scanner names a longer one. @default 10000 */
  maxWaitMs?: number | undefined;
}

/**
 * Milliseconds to wait before a call is made again; `undefined` when it must not be. GET is safe to repeat. What changes
 * something is repeated only when the scanner said that it did not begin (429).
 */
export function waitBeforeRetry(
  error: unknown,
  method: Method,
  attempt: number,
  { tries = 3, firstWaitMs = 500, maxWaitMs = 10_000 }: RetryOptions,
): number | undefined {
  if (!isNmcpError(error, 'scanner_unreachable') || attempt >= tries) return undefined;
  if (error instanceof ScannerUnreachableError && error.untrusted) return undefined;
  const refused = error instanceof NessusApiError && error.httpStatus === 429;
  if (method !== 'GET' && !refused) return undefined;
  const asked = error instanceof NessusApiError ? error.retryAfterMs : undefined;
  return Math.min(maxWaitMs, asked ?? firstWaitMs * 2 ** (attempt - 1) * (0.5 + Math.random()));
}

/** What a Retry-After header asks for, in milliseconds: seconds or a date. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
