import type { Admission } from './policy_types.ts';

/** Which names a decision looked up, what they were, and when, as a fact for the audit log; nothing where there was none. */
export function lookUpFacts({ lookedUp }: Pick<Admission, 'lookedUp'>): { looked_up?: string } {
  if (lookedUp.length === 0) return {};
  const texts = lookedUp.map(
    ({ name, addresses, at }) => `${name} = ${addresses.join(' ') || 'unknown'} at ${at}`,
  );
  return { looked_up: texts.join('; ') };
}
