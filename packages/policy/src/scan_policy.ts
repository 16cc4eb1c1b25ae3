import {
  type AddressRange,
  type Clock,
  countAddresses,
  formatAddress,
  type HostTarget,
  isNmcpError,
  NmcpError,
  parseTargets,
  systemClock,
  type Target,
} from '@nmcp/types';
import type { Span } from './address_set.ts';
import { approvalReason } from './approval_need.ts';
import { requireBoundTargets } from './bound_targets.ts';
import { answersOf, CompiledRules, layersOf, type Purpose, singleNames } from './compiled_rules.ts';
import { asLookedUp } from './look_up_facts.ts';
import { rangesOf } from './networks.ts';
import { isNamePattern, isSingleName, type PolicyDocument, type PolicyRules } from './policy_rules.ts';
import type {
  Admission,
  ApprovalNeed,
  PolicyLimits,
  ScanPolicy,
  ScanPolicyOptions,
  ScanQuestion,
  UnknownName,
} from './policy_types.ts';
import { denied, notResolved } from './refusals.ts';
import type { Resolve } from './resolve_with_dns.ts';
import { listsOf, namesIn, partsOf } from './rule_lists.ts';
import { describeAnswer, lookUp, type NameAnswer, RuleNames } from './rule_names.ts';
import { targetAsChecked } from './target_as_checked.ts';
import { describeWindows, isOpen } from './windows.ts';

/** Addresses of the scanners and of the queue's store. */
interface OwnSpans {
  spans: readonly Span[];
  /** Whether every name could be resolved. */
  isComplete: boolean;
}

/** Default maximum addresses per scan. */
const MAX_HOSTS_PER_SCAN = 65_536;
/** Maximum number of cached rule sets; there are few callers and pools. */
const MAX_COMPILED = 1000;

/**
 * Makes a policy.
 *
 * @example
 * ```ts
 * import { createScanPolicy } from '@nmcp/policy';
 *
 * const policy = createScanPolicy({ resolve: async () => [] });
 * const { hosts } = await policy.admit({ targets: '10.0.0.0/28', pool: 'nessus', caller: 'local' });
 * console.assert(hosts === 16n);
 * ```
 */
export function createScanPolicy(options: ScanPolicyOptions): ScanPolicy {
  return new RulePolicy(options);
}

class RulePolicy implements ScanPolicy {
  readonly #resolve: Resolve;
  #own: readonly string[];
  readonly #clock: Clock;
  #document: PolicyDocument;
  #compiled = new Map<string, CompiledRules>();
  #compiledAt = 0;
  #ownSpans: Promise<OwnSpans> | undefined;
  readonly #names: RuleNames;

  constructor({ document = {}, resolve, own = [], clock = systemClock }: ScanPolicyOptions) {
    this.#document = document;
    this.#resolve = resolve;
    this.#own = own;
    this.#clock = clock;
    this.#names = new RuleNames(resolve, clock);
    void this.unknownNames();
  }

  async unknownNames(): Promise<UnknownName[]> {
    const parts = partsOf(this.#document);
    await this.#names.lookUp(parts.flatMap(({ rules }) => namesIn(rules)));
    return parts.flatMap(({ where, rules }) =>
      listsOf(rules).flatMap(({ list, texts }) =>
        answersOf(texts, this.#names.known).flatMap(({ name, failure: why }) =>
          why === undefined ? [] : [{ where: `${where}.${list}`, name, why }],
        ),
      ),
    );
  }

  reload(document: PolicyDocument, own: readonly string[] = this.#own): void {
    this.#document = document;
    this.#own = own;
    this.#compiled = new Map();
    this.#ownSpans = undefined;
    void this.unknownNames();
  }

  limits(pool: string, caller: string): PolicyLimits {
    const least = (pick: (rules: PolicyRules) => number | undefined, fallback: number): number => {
      const said = layersOf(this.#document, pool, caller).flatMap(({ rules }) => pick(rules) ?? []);
      return said.length > 0 ? Math.min(...said) : fallback;
    };
    return {
      maxHostsPerScan: least((rules) => rules.max_hosts_per_scan, MAX_HOSTS_PER_SCAN),
      maxHostsPerDay: least((rules) => rules.max_hosts_per_day, Number.POSITIVE_INFINITY),
    };
  }

  approvalNeed(question: ScanQuestion & { credentialed: boolean }): ApprovalNeed | undefined {
    const targets = parseTargets(question.targets);
    const needs = layersOf(this.#document, question.pool, question.caller).flatMap(({ where, rules }) => {
      const reason =
        rules.approval &&
        approvalReason(rules.approval, where, targets, question.credentialed, this.#names.known);
      return reason === undefined ? [] : [{ reason, by: rules.approval?.by ?? ('user' as const) }];
    });
    return needs.find(({ by }) => by === 'operator') ?? needs[0];
  }

  async admit(question: ScanQuestion): Promise<Admission> {
    const { pool, caller, hostsToday = 0n, boundTo = [], isLaunch = false } = question;
    const targets = parseTargets(question.targets);
    this.#checkTime(pool, caller);
    const hosts = countAddresses(targets);
    this.#checkLimits(hosts, hostsToday, pool, caller);
    const layers = layersOf(this.#document, pool, caller);
    const names = [...layers.flatMap(({ rules }) => namesIn(rules)), ...singleNames(boundTo)];
    const answers = await this.#names.lookUp(names, { anew: isLaunch });
    for (const { where, rules } of layers) this.#requireKnown(`${where}.deny`, rules.deny ?? []);
    const rules = await this.#rules(pool, caller);
    for (const target of targets) {
      const refusal =
        target.kind === 'range' ? rules.refuseRange(target.text, target) : rules.refuseName(target);
      if (refusal) throw denied(refusal);
    }
    const pinned = await Promise.all(targets.map((target) => this.#pin(target, rules)));
    const checked = pinned.map(({ text }) => text).join(', ');
    const found = new Map(
      [...answers, ...pinned.flatMap(({ answer }) => answer ?? [])].map((answer) => [answer.name, answer]),
    );
    if (question.boundTo)
      await requireBoundTargets(
        checked,
        question.boundTo,
        async (name) => found.get(name) ?? (await lookUp(name, this.#resolve, this.#clock)),
      );
    return { targets: checked, hosts, lookedUp: [...found.values()].map(asLookedUp) };
  }

  async admitImport({ hosts, pool, caller }: Parameters<ScanPolicy['admitImport']>[0]): Promise<void> {
    const layers = layersOf(this.#document, pool, caller);
    await this.#names.lookUp(layers.flatMap(({ rules }) => namesIn(rules)));
    for (const { where, rules } of layers) this.#requireKnown(`${where}.deny`, rules.deny ?? []);
    const rules = await this.#rules(pool, caller, 'import');
    for (const text of hosts) {
      const target = reportTarget(text);
      if (!target) continue; // neither an address nor a name: no rule can be about it
      const addresses = target.kind === 'range' ? [target] : await this.#addressesOf(target);
      const refusal =
        target.kind === 'range'
          ? rules.refuseRange(text, target)
          : (rules.refuseName(target) ??
            (addresses.length > 0
              ? rules.refuseHost(target, addresses)
              : { target: text, rule: 'its address is unknown' }));
      if (refusal) throw denied(refusal, 'importing');
    }
  }

  async reaches({ targets, pool, caller }: Parameters<ScanPolicy['reaches']>[0]): Promise<boolean> {
    const names = [
      ...layersOf(this.#document, pool, caller).flatMap(({ rules }) => namesIn(rules)),
      ...singleNames(targets),
    ];
    await this.#names.lookUp(names);
    if (targets.some((target) => isNamePattern(target) && !isSingleName(target))) return true;
    const machines = answersOf(targets, this.#names.known).flatMap(({ addresses }) => addresses);
    const networks = targets.filter((target) => !isNamePattern(target)).flatMap(rangesOf);
    const rules = await this.#rules(pool, caller);
    return rules.allowedOf([...networks, ...machines]).spans().length > 0;
  }

  /** None when it cannot be looked up. */
  async #addressesOf(target: HostTarget): Promise<readonly AddressRange[]> {
    if (target.address) return [target.address];
    const [answer] = await this.#names.lookUp([target.name]);
    return answer?.addresses ?? [];
  }

  /** While it is unknown which machines a deny list means, nothing is allowed. */
  #requireKnown(where: string, texts: readonly string[]): void {
    const unknown = answersOf(texts, this.#names.known).find(({ failure }) => failure !== undefined);
    if (!unknown) return;
    throw new NmcpError(
      'policy_denied',
      `Nothing may be scanned while ${where} has a name that cannot be looked up: ${describeAnswer(unknown)}. An operator has to correct it in the policy, or give its addresses`,
      { title: 'Denied by policy', cause: unknown.error },
    );
  }

  /** A name becomes the addresses that were checked, so that a later DNS answer is never scanned. */
  async #pin(target: Target, rules: CompiledRules): Promise<{ text: string; answer?: NameAnswer }> {
    if (target.kind === 'range') return { text: targetAsChecked(target) };
    const answer = target.address ? undefined : await this.#lookUpTarget(target);
    const addresses = target.address ? [target.address] : (answer?.addresses ?? []);
    const [first] = addresses;
    if (!first) {
      const why = answer?.error === undefined ? 'it has no address' : 'it cannot be resolved';
      const unresolved = rules.refuseUnresolved(target, why);
      if (unresolved) throw notResolved(unresolved);
      return { text: target.name, ...(answer ? { answer } : {}) };
    }
    const refusal = rules.refuseHost(target, addresses);
    if (refusal) throw denied(refusal);
    const text = `${target.name}[${formatAddress(first.family, first.first)}]`;
    return answer ? { text, answer } : { text };
  }

  async #lookUpTarget(target: HostTarget): Promise<NameAnswer> {
    const answer = await lookUp(target.name, this.#resolve, this.#clock);
    if (isNmcpError(answer.error)) throw answer.error;
    return answer;
  }

  async #rules(pool: string, caller: string, purpose: Purpose = 'scan'): Promise<CompiledRules> {
    const key = `${purpose}\n${pool}\n${caller}`;
    if (this.#compiledAt !== this.#names.changes) {
      this.#compiled = new Map();
      this.#compiledAt = this.#names.changes;
    }
    const known = this.#compiled.get(key);
    if (known) return known;
    const document = this.#document;
    this.#ownSpans ??= this.#findOwn();
    const own = this.#ownSpans;
    const { spans, isComplete } = await own;
    const rules = new CompiledRules(document, pool, caller, spans, this.#names.known, purpose);
    if (!isComplete && this.#ownSpans === own) this.#ownSpans = undefined;
    if (!isComplete || this.#document !== document || this.#compiledAt !== this.#names.changes) return rules;
    if (this.#compiled.size >= MAX_COMPILED) this.#compiled.clear();
    this.#compiled.set(key, rules);
    return rules;
  }

  /** The name of a scanner or the queue that cannot be resolved protects nothing, so it is resolved again next time. */
  async #findOwn(): Promise<OwnSpans> {
    const found = await Promise.allSettled(
      this.#own.map(async (host): Promise<Span[]> => {
        const [target] = parseTargets(host);
        if (!target) return [];
        return target.kind === 'range' ? [target] : (await this.#resolve(target.name)).flatMap(rangesOf);
      }),
    );
    const spans = found.flatMap((each) => (each.status === 'fulfilled' ? each.value : []));
    return { spans, isComplete: found.every(({ status }) => status === 'fulfilled') };
  }

  #checkTime(pool: string, caller: string): void {
    for (const { where, rules } of layersOf(this.#document, pool, caller)) {
      if (isOpen(rules, this.#clock())) continue;
      throw new NmcpError(
        'policy_denied',
        `Scanning is not allowed now (${where}.windows); it is allowed ${describeWindows(rules)}`,
        { title: 'Denied by policy' },
      );
    }
  }

  #checkLimits(hosts: bigint, hostsToday: bigint, pool: string, caller: string): void {
    const { maxHostsPerScan, maxHostsPerDay } = this.limits(pool, caller);
    if (hosts > BigInt(maxHostsPerScan))
      throw new NmcpError(
        'policy_denied',
        `The targets have ${hosts} addresses; a scan may have at most ${maxHostsPerScan} (max_hosts_per_scan). Split it`,
        { title: 'Denied by policy' },
      );
    if (maxHostsPerDay !== Number.POSITIVE_INFINITY && hosts + hostsToday > BigInt(maxHostsPerDay))
      throw new NmcpError(
        'policy_denied',
        `The targets have ${hosts} addresses, and ${hostsToday} were submitted in the last 24 hours; at most ${maxHostsPerDay} are allowed (max_hosts_per_day)`,
        { title: 'Denied by policy' },
      );
  }
}

/** A host of a report can be called anything; `undefined` when that is no one target. */
function reportTarget(text: string): Target | undefined {
  try {
    const targets = parseTargets(text);
    return targets.length === 1 ? targets[0] : undefined;
  } catch {
    return undefined;
  }
}
