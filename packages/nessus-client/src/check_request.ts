import { NmcpError } from '@nmcp/types';
import * as v from 'valibot';

/**
 * What a caller wants to send, checked before it is sent.
 *
 * @throws {NmcpError} `invalid_input` naming the field; never its value, which can be a password
 */
export function checkRequest<T extends Record<string, unknown>>(
  schema: v.GenericSchema<unknown, T>,
  request: unknown,
  call: string,
): T {
  const result = v.safeParse(schema, request);
  if (result.success) return { ...(request as Record<string, unknown>), ...result.output };
  const [issue] = result.issues;
  const path = v.getDotPath(issue) ?? 'the request';
  const what = issue.received === 'undefined' ? 'is missing' : reasonOf(issue);
  throw new NmcpError('invalid_input', `${call}: ${path} ${what}`, { title: 'Invalid input' });
}

/** valibot's own texts repeat what was received. */
function reasonOf(issue: v.BaseIssue<unknown>): string {
  return issue.message.startsWith('Invalid ') ? `is not valid; expected ${issue.expected}` : issue.message;
}
