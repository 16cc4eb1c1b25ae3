import { NmcpError } from '@nmcp/types';

/**
 * In lock-down nobody finds out by asking what hosts have answered.
 *
 * @param query filters, an order, or names of fields, as they were asked for
 * @throws {NmcpError} `policy_denied` for what reads plugin output, attachments or values of compliance checks
 *
 * @example
 * ```ts
 * import { refuseHostWords } from '@nmcp/results';
 *
 * refuseHostWords({ severity: '>=3' }, { lockdown: true });
 * ```
 */
export function refuseHostWords(query: unknown, { lockdown }: { lockdown: boolean }): void {
  if (!lockdown || !/"-?(?:plugin_output|attachment|cm:)/.test(JSON.stringify(query) ?? '')) return;
  throw new NmcpError(
    'policy_denied',
    'This server is in lock-down: what hosts have answered (plugin_output, attachment) cannot be read, filtered or sorted by',
    { title: 'Denied by policy' },
  );
}
