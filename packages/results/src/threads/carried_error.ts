import { DocumentError } from '@nmcp/schema';
import { type ErrorCode, messageOf, NmcpError, type NmcpErrorOptions } from '@nmcp/types';

/** An error as it crosses from one thread to another, which keeps no classes. */
export interface CarriedError {
  message: string;
  code?: ErrorCode;
  options?: Pick<NmcpErrorOptions, 'title' | 'details'>;
  /** Where in a document. */
  position?: { offset: number; line: number };
}

/** What a thread answers: a value, or why there is none, such as a file without an index. */
export type Carried<T> = { value: T } | { error: CarriedError } | { withoutIndex: string };

/** An error, to be carried. */
export function carry(error: unknown): CarriedError {
  if (!(error instanceof NmcpError)) return { message: messageOf(error) };
  const { message, code, title, details } = error;
  const carried = { message, code, options: { title, details } };
  return error instanceof DocumentError
    ? { ...carried, position: { offset: error.offset, line: error.line } }
    : carried;
}

/** The error that was carried. */
export function unpack({ message, code, options, position }: CarriedError): Error {
  if (code === undefined) return new Error(message);
  if (position === undefined) return new NmcpError(code, message, options);
  const reason = message.slice(0, message.lastIndexOf(' (byte '));
  return new DocumentError(reason, position);
}
