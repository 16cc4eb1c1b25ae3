import { isNmcpError, type NmcpError } from '@nmcp/types';
import { isOdd } from '../doubt.ts';
import type { ScanRun } from '../scan_run.ts';

/** Milliseconds between two looks. */
const LOOK_MS = 2000;
const LOOKS = 20;

/**
 * Looks for the effect of a call that somebody has made and that was not answered, for longer than the call can take to
 * arrive. Nothing is done meanwhile that would have the effect twice. A scanner that does not answer is waited for, and shown,
 * until the task's time is over.
 *
 * @param look answers what it has found, or `undefined`
 * @returns undefined when the call has had no effect
 * @throws {NmcpError} what the scanner says when the task's time is over
 */
export async function observe<T>(run: ScanRun, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const { observeMs, wheel } = run.context;
  const until = performance.now() + observeMs;
  while (true) {
    const isLast = performance.now() >= until;
    const { found, failure } = await lookOnce(look);
    if (failure) {
      // a scanner that does not answer has not said no
      if (run.isTimeOver) throw failure;
      await run.waitsFor(failure.message);
    } else {
      await run.goesOn();
      if (found !== undefined || isLast) return found;
    }
    await wheel.sleep(Math.min(LOOK_MS, observeMs / LOOKS), run.signal);
  }
}

async function lookOnce<T>(
  look: () => Promise<T | undefined>,
): Promise<{ found?: T | undefined; failure?: NmcpError }> {
  try {
    return { found: await look() };
  } catch (error) {
    if (isNmcpError(error) && (error.code === 'scanner_unreachable' || isOdd(error)))
      return { failure: error };
    throw error;
  }
}
