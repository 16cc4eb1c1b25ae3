import { NmcpError, parseTargets } from '@nmcp/types';
import { AddressSet } from './address_set.ts';
import { matchesName, singleNames } from './compiled_rules.ts';
import { rangesOf } from './networks.ts';
import { isNamePattern, isSingleName } from './policy_rules.ts';
import type { NameAnswer } from './rule_names.ts';

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
 * Checks that credentials are used only where they belong: every target is in one of the networks, or is a machine that one of
 * the names stands for. A caller can pin any address to a name, so an address counts for a name only when the name has it.
 *
 * @param targets with names pinned to their addresses: `web.example.org[10.0.0.7]`
 * @param allowed networks, names, and patterns of names
 * @throws {NmcpError} `policy_denied` naming the first target that is elsewhere
 */
export async function requireBoundTargets(
  targets: string,
  allowed: readonly string[],
  lookUp: (name: string) => Promise<Pick<NameAnswer, 'addresses'>>,
): Promise<void> {
  const networks = allowed.filter((each) => !isNamePattern(each)).flatMap(rangesOf);
  const machines = await Promise.all(singleNames(allowed).map(lookUp));
  const addresses = new AddressSet([...networks, ...machines.flatMap((machine) => machine.addresses)]);
  const patterns = allowed.filter((each) => isNamePattern(each) && !isSingleName(each));
  for (const target of parseTargets(targets)) {
    const range = target.kind === 'range' ? target : target.address;
    if (range && addresses.firstOutside(range) === undefined) continue;
    if (range && target.kind === 'host' && patterns.some((pattern) => matchesName(target.name, pattern))) {
      const own = new AddressSet((await lookUp(target.name)).addresses);
      if (own.firstOutside(range) === undefined) continue;
    }
    throw new NmcpError(
      'policy_denied',
      `The target ${target.text.slice(0, 120)} is not one that these credentials may be used on: ${allowed.join(', ').slice(0, 400)}`,
      { title: 'Denied by policy' },
    );
  }
}
