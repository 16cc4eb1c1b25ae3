import * as v from 'valibot';
import { NmcpError } from './error.ts';

/** A schema's complaints as one line: where, what was expected, what came. */
export function explainIssues(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues.slice(0, 5).map(explainIssue).join('; ');
}

function explainIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const why = issue.message.startsWith('Invalid')
    ? `expected ${issue.expected ?? 'another value'}, got ${issue.received.slice(0, 80)}`
    : issue.message;
  return path ? `${path}: ${why}` : why;
}

/**
 * Checks a value that came from outside.
 *
 * @param what names the value in the error, such as `arguments of get_scan_status`
 * @throws {NmcpError} `invalid_input` saying where it is wrong and what was expected
 */
export function parseInput<T>(schema: v.GenericSchema<unknown, T>, value: unknown, what: string): T {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new NmcpError('invalid_input', `${what}: ${explainIssues(result.issues)}`, {
    title: 'Invalid input',
  });
}
