import { type AddressRange, formatAddress, type HostTarget } from '@nmcp/types';
import { AddressSet, type Span } from './address_set.ts';
import { type NamedNetwork, PRIVATE_NETWORKS, rangesOf, SPECIAL_NETWORKS } from './networks.ts';
import { isNamePattern, isSingleName, type PolicyDocument, type PolicyRules } from './policy_rules.ts';
import { describeAnswer, type NameAnswer } from './rule_names.ts';

/** What the names of rules were looked up to be. */
export type Answers = ReadonlyMap<string, NameAnswer>;

/** What a decision is for: a scan, or a report of one that somebody else made. */
export type Purpose = 'scan' | 'import';

/** Why something may not be scanned. */
export interface Refusal {
  /** The target as the caller wrote it. */
  target: string;
  /** The address of it that may not be scanned. */
  address?: string;
  /** The rule that denies it, such as `pools.nessus.deny: 10.9.0.0/16`. */
  rule: string;
}

interface DenyList {
  /** Its path in the policy, such as `default.deny`. */
  where: string;
  /** As one set, to decide whether. */
  all: AddressSet;
  /** One by one, to find which. */
  entries: readonly { text: string; spans: readonly Span[] }[];
  names: readonly string[];
}

interface AllowList {
  where: string;
  /** Networks, and the addresses of names. */
  addresses: AddressSet;
  /** The addresses of names alone: another name of these is an alias. */
  ofNames: AddressSet;
  names: readonly string[];
  /** Names whose addresses are unknown. */
  unknown: readonly NameAnswer[];
}

/** The compiled rules for one caller in one pool. */
export class CompiledRules {
  readonly #denied: readonly DenyList[];
  readonly #allowed: readonly AllowList[];
  readonly #leavesToScanner: boolean;

  /**
   * @param own addresses of the scanners and of the queue's store
   * @param answers what the names of the rules are
   * @param purpose an import has a list of its own, where there is one
   */
  constructor(
    document: PolicyDocument,
    pool: string,
    caller: string,
    own: readonly Span[],
    answers: Answers = new Map(),
    purpose: Purpose = 'scan',
  ) {
    const layers = layersOf(document, pool, caller).map(({ where, rules }) =>
      purpose === 'import' && rules.import
        ? { where, list: 'import', rules: { ...rules, allow: rules.import } }
        : { where, list: 'allow', rules },
    );
    const allow = layers.filter(({ rules }) => rules.allow !== undefined);
    // the pool's and the caller's lists both apply; the default's applies if neither has one
    const specific = allow.filter(({ where }) => where !== 'default');
    const base =
      allow.length > 0
        ? allow
        : [{ where: 'the default', list: 'allow', rules: { allow: PRIVATE_NETWORKS } }];
    this.#allowed = (specific.length > 0 ? specific : base).map(({ where, list, rules }) =>
      allowList(allow.length > 0 ? `${where}.${list}` : where, rules.allow ?? [], answers),
    );
    const unresolved = layers.flatMap(({ rules }) => rules.unresolved ?? []);
    this.#leavesToScanner = unresolved.length > 0 && !unresolved.includes('deny');
    const named = allow.flatMap(({ rules }) => networksOf(rules.allow ?? []));
    this.#denied = [
      ...layers.flatMap(({ where, rules }) =>
        rules.deny ? [denyList(`${where}.deny`, rules.deny, answers)] : [],
      ),
      ...specialLists(named, [
        ...SPECIAL_NETWORKS,
        { name: 'an address of the scanners or the queue', spans: own },
      ]),
    ];
  }

  /** The addresses among some that may be scanned. */
  allowedOf(spans: readonly Span[]): AddressSet {
    const allowed = this.#allowed.reduce(
      (set, { addresses }) => set.within(addresses),
      new AddressSet(spans),
    );
    return this.#denied.reduce((set, { all }) => set.without(all), allowed);
  }

  /** Why a run of addresses may not be scanned; `undefined` when all of it may. */
  refuseRange(target: string, range: Span): Refusal | undefined {
    for (const { where, all, entries } of this.#denied) {
      const at = all.firstInside(range);
      if (at === undefined) continue;
      const entry = entries.find(({ spans }) => spans.some((span) => isIn(at, span, range.family)));
      const rule = entry === undefined || entry.text === '' ? where : `${where}: ${entry.text}`;
      return { target, address: formatAddress(range.family, at), rule };
    }
    for (const { where, addresses, unknown } of this.#allowed) {
      const at = addresses.firstOutside(range);
      if (at === undefined) continue;
      const but = unknown.length > 0 ? `; it names ${unknown.map(describeAnswer).join(', ')}` : '';
      return { target, address: formatAddress(range.family, at), rule: `${where} does not include it${but}` };
    }
    return undefined;
  }

  /** Why a host name may not be scanned, whatever its addresses. */
  refuseName({ text, name }: HostTarget): Refusal | undefined {
    for (const { where, names } of this.#denied) {
      const pattern = names.find((each) => matchesName(name, each));
      if (pattern !== undefined) return { target: text, rule: `${where}: ${pattern}` };
    }
    return undefined;
  }

  /** Why a host may not be scanned: its name, or one of its addresses. A list of names includes their aliases. */
  refuseHost(target: HostTarget, addresses: readonly AddressRange[]): Refusal | undefined {
    for (const address of addresses) {
      const refusal = this.refuseRange(target.text, address);
      if (refusal) return refusal;
    }
    for (const { where, names, ofNames } of this.#allowed) {
      if (names.length === 0 || names.some((each) => matchesName(target.name, each))) continue;
      if (addresses.every((address) => ofNames.firstOutside(address) === undefined)) continue;
      return { target: target.text, rule: `${where} lists host names, but not this one` };
    }
    return undefined;
  }

  /**
   * Why a host name without an address may not be left to the scanner to resolve; `undefined` when it may.
   *
   * @param why that it has none
   */
  refuseUnresolved({ text, name }: HostTarget, why: string): Refusal | undefined {
    if (!this.#leavesToScanner)
      return {
        target: text,
        rule: `${why}, so what would be scanned is unknown (unresolved: deny); give its address`,
      };
    const silent = this.#allowed.find(({ names }) => !names.some((each) => matchesName(name, each)));
    if (silent === undefined) return undefined;
    return { target: text, rule: `${why}, and ${silent.where} does not name it (unresolved: scanner)` };
  }
}

/** The parts of a document that apply to a caller in a pool. */
export function layersOf(
  document: PolicyDocument,
  pool: string,
  caller: string,
): { where: string; rules: PolicyRules }[] {
  const layers = [
    { where: 'default', rules: document.default },
    { where: `pools.${pool}`, rules: ownField(document.pools, pool) },
    { where: `callers.${caller}`, rules: ownField(document.callers, caller) },
  ];
  return layers.flatMap(({ where, rules }) => (rules ? [{ where, rules }] : []));
}

function ownField<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined;
}

function networksOf(texts: readonly string[]): Span[] {
  return texts.filter((text) => !isNamePattern(text)).flatMap(rangesOf);
}

function namesOf(texts: readonly string[]): string[] {
  return texts.filter(isNamePattern).map((text) => text.toLowerCase());
}

const namesOfLists = new WeakMap<readonly string[], readonly string[]>();

/** The names of a list that are one machine's each, in the order of the list; found once, since lists can be long. */
export function singleNames(texts: readonly string[]): readonly string[] {
  const known = namesOfLists.get(texts);
  if (known) return known;
  const names = namesOf(texts).filter(isSingleName);
  namesOfLists.set(texts, names);
  return names;
}

/** The answers for the names of a list; a name that was not asked about is unknown. */
export function answersOf(texts: readonly string[], answers: Answers): NameAnswer[] {
  return singleNames(texts).map(
    (name) => answers.get(name) ?? { name, addresses: [], at: 0, failure: 'it has not been looked up yet' },
  );
}

function allowList(where: string, texts: readonly string[], answers: Answers): AllowList {
  const found = answersOf(texts, answers);
  const spans = found.flatMap(({ addresses }) => addresses);
  return {
    where,
    addresses: new AddressSet([...networksOf(texts), ...spans]),
    ofNames: new AddressSet(spans),
    names: namesOf(texts),
    unknown: found.filter(({ failure }) => failure !== undefined),
  };
}

function denyList(where: string, texts: readonly string[], answers: Answers): DenyList {
  const entries = [
    ...texts.filter((text) => !isNamePattern(text)).map((text) => ({ text, spans: rangesOf(text) })),
    ...answersOf(texts, answers).map((answer) => ({
      text: describeAnswer(answer),
      spans: answer.addresses,
    })),
  ];
  return {
    where,
    all: new AddressSet(entries.flatMap(({ spans }) => spans)),
    entries,
    names: namesOf(texts),
  };
}

/** Special networks, less the allow-list entries that lie entirely within one of them. */
function specialLists(named: readonly Span[], special: readonly NamedNetwork[]): DenyList[] {
  return special.map(({ name, spans }) => {
    const set = new AddressSet(spans);
    const exempt = named.filter((span) => set.firstOutside(span) === undefined);
    return {
      where: `always denied unless named: ${name}`,
      all: set.without(new AddressSet(exempt)),
      entries: [],
      names: [],
    };
  });
}

function isIn(address: bigint, span: Span, family: 4 | 6): boolean {
  return span.family === family && span.first <= address && address <= span.last;
}

/** Whether a name matches a pattern. */
export function matchesName(name: string, text: string): boolean {
  const pattern = text.toLowerCase();
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : name === pattern;
}
