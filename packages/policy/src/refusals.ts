import { type HostTarget, NmcpError } from '@nmcp/types';
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
export function notResolved({ text }: HostTarget, why: string, cause?: unknown): NmcpError {
  return new NmcpError(
    'invalid_input',
    `targets: ${JSON.stringify(text.slice(0, 100))}: ${why}, so what would be scanned is unknown; give its address`,
    { title: 'Invalid targets', cause },
  );
}
