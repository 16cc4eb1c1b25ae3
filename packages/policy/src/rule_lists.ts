import { singleNames } from './compiled_rules.ts';
import type { PolicyDocument, PolicyRules } from './policy_rules.ts';

/** The lists of a part of a policy that are about targets. */
export function listsOf({
  allow = [],
  deny = [],
  import: imported = [],
  approval,
}: PolicyRules): { list: string; texts: readonly string[] }[] {
  return [
    { list: 'allow', texts: allow },
    { list: 'deny', texts: deny },
    { list: 'import', texts: imported },
    { list: 'approval.targets', texts: approval?.targets ?? [] },
  ];
}

/** The names of machines in them. */
export function namesIn(rules: PolicyRules): string[] {
  return listsOf(rules).flatMap(({ texts }) => singleNames(texts));
}

/** All parts of a document. */
export function partsOf(document: PolicyDocument): { where: string; rules: PolicyRules }[] {
  const under = (part: 'pools' | 'callers'): { where: string; rules: PolicyRules }[] =>
    Object.entries(document[part] ?? {}).map(([name, rules]) => ({ where: `${part}.${name}`, rules }));
  const base = document.default ? [{ where: 'default', rules: document.default }] : [];
  return [...base, ...under('pools'), ...under('callers')];
}
