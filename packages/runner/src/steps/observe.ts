import { isNmcpError } from '@nmcp/types';
import { isOdd } from '../doubt.ts';
import type { ScanRun } from '../scan_run.ts';

/** Milliseconds between two looks. */
const LOOK_MS = 2000;
const LOOKS = 20;

/**
 * Looks for the effect of a call that somebody has made and that was not answered, for longer than the call can take to
 * arrive. Nothing is done meanwhile that would have the effect twice.
 *
 * @param look answers what it has found, or `undefined`
 * @returns undefined when the call has had no effect
 */
export async function observe<T>(run: ScanRun, look: () => Promise<T | undefined>): Promise<T | undefined> {
  const { observeMs, wheel } = run.context;
  const until = performance.now() + observeMs;
  while (true) {
    const isLast = performance.now() >= until;
    const found = await lookOnce(look);
    if (found !== 'unreachable' && found !== undefined) return found;
    // a scanner that does not answer has not said no
    if (isLast && found === undefined) return undefined;
    await wheel.sleep(Math.min(LOOK_MS, observeMs / LOOKS), run.signal);
  }
}

async function lookOnce<T>(look: () => Promise<T | undefined>): Promise<T | undefined | 'unreachable'> {
  try {
    return await look();
  } catch (error) {
    if (isNmcpError(error, 'scanner_unreachable') || isOdd(error)) return 'unreachable';
    throw error;
  }
}
