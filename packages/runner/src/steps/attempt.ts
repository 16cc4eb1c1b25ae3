import { isNmcpError } from '@nmcp/types';
import { isOfProxy } from '../doubt.ts';

/** What came of a call that may be made once only. */
export type Attempt<T> =
  | { readonly isKnown: true; readonly value: T }
  /** Nobody answered; whether the scanner has done it is not known, unless the call cannot have arrived. */
  | { readonly isKnown: false; readonly mayHaveArrived: boolean; readonly error: unknown };

/** Makes a call that may be made once only. What the scanner has refused is thrown. */
export async function attempt<T>(call: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { isKnown: true, value: await call() };
  } catch (error) {
    if (!isNmcpError(error, 'scanner_unreachable') && !isOfProxy(error)) throw error;
    return { isKnown: false, mayHaveArrived: mayHaveArrived(error), error };
  }
}

/** Failures before a byte of the call was sent. */
const NOT_SENT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|CERT_|ERR_TLS)/;
/** Answers that say that nothing was done: too many at a time, and not ready yet. */
const NOT_DONE: readonly unknown[] = [429, 503];

function mayHaveArrived(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('httpStatus' in cause && NOT_DONE.includes(cause.httpStatus)) return false;
    if ('code' in cause && typeof cause.code === 'string' && NOT_SENT.test(cause.code)) return false;
  }
  return true;
}
