import { cleanJsonLine, type Finding } from '@nmcp/schema';
import { NmcpError } from '@nmcp/types';

/** Fields with verbatim output from hosts. */
const HOST_OUTPUT = /^(?:plugin_output|attachment|cm:compliance-(?:actual-value|error))$/;
/** A line of JSON that may have one. */
const MAY_HOLD_HOST_OUTPUT = /"(?:plugin_output|attachment|cm:)/;

/**
 * In lockdown, output from hosts cannot be found out by filtering or sorting either.
 *
 * @param query filters, sort keys or field names, as the caller sent them
 * @throws {NmcpError} `policy_denied` for a query that reads plugin output, attachments or values of compliance checks
 */
export function refuseHostOutput(query: unknown, { lockdown }: { lockdown: boolean }): void {
  if (!lockdown || !/"-?(?:plugin_output|attachment|cm:)/.test(JSON.stringify(query) ?? '')) return;
  throw new NmcpError(
    'policy_denied',
    'This server is in lockdown: output from hosts (plugin_output, attachment) cannot be read, filtered or sorted by',
    { title: 'Denied by policy' },
  );
}

/** A finding as it may be shown. */
export function shownFinding(finding: Finding, { lockdown }: { lockdown: boolean }): Finding {
  return lockdown ? withoutHostOutput(finding) : finding;
}

/** A line of JSON-NL as it may be shown: without control and hidden characters. */
export function shownLine(line: string, { lockdown }: { lockdown: boolean }): string {
  const cleaned = cleanJsonLine(line);
  if (!lockdown || !MAY_HOLD_HOST_OUTPUT.test(cleaned)) return cleaned;
  return JSON.stringify(withoutHostOutput(JSON.parse(cleaned)));
}

function withoutHostOutput<T extends object>(fields: T): T {
  const shown = Object.entries(fields).filter(([name]) => !HOST_OUTPUT.test(name));
  return Object.fromEntries(shown) as T; // fewer of the same
}
