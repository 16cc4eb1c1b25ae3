import { NmcpError } from '@nmcp/types';
import type { Refusal } from './compiled_rules.ts';

/** What may not be done with a target, and by which rule. */
export function denied({ target, address, rule }: Refusal, doing = 'scanning'): NmcpError {
  const which = address === undefined || address === target ? '' : ` (${address})`;
  return new NmcpError(
    'policy_denied',
    `The policy does not allow ${doing} ${JSON.stringify(target.slice(0, 100))}${which}: ${rule}`,
    { title: 'Denied by policy' },
  );
}

/** A target whose address is unknown. */
export function notResolved({ target, rule }: Refusal): NmcpError {
  return new NmcpError('invalid_input', `targets: ${JSON.stringify(target.slice(0, 100))}: ${rule}`, {
    title: 'Invalid targets',
  });
}
