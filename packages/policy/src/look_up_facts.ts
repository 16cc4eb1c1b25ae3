import { formatAddress, isoTime } from '@nmcp/types';
import type { Admission, LookedUp } from './policy_types.ts';
import type { NameAnswer } from './rule_names.ts';

/** Which names a decision looked up, what they were, and when, as a fact for the audit log; nothing where there was none. */
export function lookUpFacts({ lookedUp }: Pick<Admission, 'lookedUp'>): { looked_up?: string } {
  if (lookedUp.length === 0) return {};
  const texts = lookedUp.map(
    ({ name, addresses, at }) => `${name} = ${addresses.join(' ') || 'unknown'} at ${at}`,
  );
  return { looked_up: texts.join('; ') };
}

/** An answer as a decision tells of it. */
export function asLookedUp({ name, addresses, at }: NameAnswer): LookedUp {
  const texts = addresses.map(({ family, first }) => formatAddress(family, first));
  return { name, addresses: texts, at: isoTime(at) };
}
