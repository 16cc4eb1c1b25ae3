import { countAddresses, type Target } from '@nmcp/types';
import { AddressSet } from './address_set.ts';
import { type Answers, answersOf, matchesName } from './compiled_rules.ts';
import { rangesOf } from './networks.ts';
import { type ApprovalRules, isNamePattern } from './policy_rules.ts';
import { describeAnswer } from './rule_names.ts';

/** Why the rules of a part of a policy, such as `default`, want approval of a scan; `undefined` when they do not. */
export function approvalReason(
  approval: ApprovalRules,
  where: string,
  targets: readonly Target[],
  credentialed: boolean,
  answers: Answers,
): string | undefined {
  if (approval.credentialed && credentialed) return `it logs in to hosts (${where}.approval.credentialed)`;
  const hosts = countAddresses(targets);
  if (approval.hosts_above !== undefined && hosts > BigInt(approval.hosts_above))
    return `it has ${hosts} addresses, more than ${approval.hosts_above} (${where}.approval.hosts_above)`;
  const texts = approval.targets ?? [];
  const found = answersOf(texts, answers);
  const unknown = found.find(({ failure }) => failure !== undefined);
  if (unknown)
    return `what it touches is unknown, since a name of ${where}.approval.targets cannot be looked up: ${describeAnswer(unknown)}`;
  const networks = texts.filter((text) => !isNamePattern(text)).flatMap(rangesOf);
  const spans = new AddressSet([...networks, ...found.flatMap(({ addresses }) => addresses)]);
  const touched = targets.find((target) => isTouched(target, spans, texts.filter(isNamePattern)));
  return touched && `it touches ${touched.text.slice(0, 100)} (${where}.approval.targets)`;
}

/** Whether a target has an address of a list, or a name. */
function isTouched(target: Target, addresses: AddressSet, names: readonly string[]): boolean {
  const range = target.kind === 'range' ? target : target.address;
  if (range && addresses.firstInside(range) !== undefined) return true;
  return target.kind === 'host' && names.some((text) => matchesName(target.name, text));
}
