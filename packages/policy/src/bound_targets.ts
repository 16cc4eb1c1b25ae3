import { NmcpError, parseTargets } from '@nmcp/types';
import { AddressSet } from './address_set.ts';
import { matchesName } from './compiled_rules.ts';
import { rangesOf } from './networks.ts';
import { isNamePattern } from './policy_rules.ts';

/** Whether a text is an address, a network, a range, a host name or a pattern such as `*.example.org`. */
export function isTargetRule(text: string): boolean {
  if (isNamePattern(text)) return true;
  try {
    const targets = parseTargets(text);
    return targets.length === 1 && targets[0]?.kind === 'range';
  } catch {
    return false;
  }
}

/**
 * Checks that credentials are used only where they belong: every target is in one of the networks, or is one of the names.
 *
 * @param targets with names pinned to their addresses: `web.example.org[10.0.0.7]`
 * @param allowed networks, names, and patterns of names
 * @throws {NmcpError} `policy_denied` naming the first target that is elsewhere
 */
export function requireBoundTargets(targets: string, allowed: readonly string[]): void {
  const networks = new AddressSet(rangesOf(allowed.filter((each) => !isNamePattern(each)).join(',')));
  const names = allowed.filter(isNamePattern);
  for (const target of parseTargets(targets)) {
    const isNamed =
      target.kind !== 'range' && names.some((pattern) => matchesName(target.name.toLowerCase(), pattern));
    const range = target.kind === 'range' ? target : target.address;
    if (isNamed || (range && networks.firstOutside(range) === undefined)) continue;
    throw new NmcpError(
      'policy_denied',
      `The target ${target.text.slice(0, 120)} is not one that these credentials may be used on: ${allowed.join(', ').slice(0, 400)}`,
      { title: 'Denied by policy' },
    );
  }
}
