import { type FindingsTable, type RankedKey, rankBy } from '@nmcp/results';
import type { FieldValue, Finding, HostFacts } from '@nmcp/schema';
import { parseTargets, type Target, targetsOverlap } from '@nmcp/types';
import type { AssetService } from './asset_facts.ts';
import type { AssetRules } from './asset_rules.ts';
import type { FeedName } from './feeds/feed.ts';
import type { Sighting } from './finding_state.ts';
import { readBits, STATE_NUMBERS } from './packed.ts';
import { type Signals, urgencyOf } from './signals.ts';
import type { StoredScan } from './store/inventory_store.ts';

/** An asset as it is asked about. */
export interface ViewedAsset {
  id: number;
  zone: string;
  identity: string;
  name: string;
  facts: HostFacts & { device_type?: string; services?: readonly AssetService[] };
  /** Seconds since 1970. */
  firstSeen: number;
  lastSeen: number;
  /** Scans that reached it. */
  sightings: readonly Sighting[];
  tags: readonly string[];
  owner: string | undefined;
  /** When a scan did not reach it that was aimed at it, after the last one that did. */
  awaySince: number | undefined;
  /** What happened on it: see `readEvents`. */
  events: Uint8Array;
  /** Its findings: from and to which row. */
  rows: [start: number, end: number];
}

/** What findings have in common. */
export interface ViewedKind {
  id: number;
  key: string;
  severity: number;
  brief: Finding;
  /** All of its fields, as JSON. */
  full: string;
  signals: Signals;
}

/** What a view is made of. */
export interface ViewParts {
  version: number;
  scans: readonly StoredScan[];
  assets: ViewedAsset[];
  kinds: ViewedKind[];
  /** Numbers of the states of all assets, one asset after the other: see `packStates`. */
  states: Uint32Array;
  rules: AssetRules;
  /** Dates of the operator's feeds, by their names. */
  feeds: Readonly<Partial<Record<FeedName, string>>>;
}

/** Fields whose texts are often too long to be kept at hand; lists of CVEs always are. */
const LONG_FIELDS = ['description', 'solution', 'synopsis', 'see_also', 'xref'];
/** Lists of rows that are kept. */
const MOST_ROWS = 12;

/** The inventory as some callers see it, at one time: its findings as columns. */
export class InventoryView implements FindingsTable {
  readonly version: number;
  readonly scans: readonly StoredScan[];
  readonly assets: readonly ViewedAsset[];
  readonly kinds: readonly ViewedKind[];
  readonly feeds: ViewParts['feeds'];
  /** For each finding the place of its asset. */
  readonly hosts: Uint32Array;
  /** For each finding the place of its kind. */
  readonly variants: Uint32Array;
  readonly firstSeen: Uint32Array;
  readonly lastSeen: Uint32Array;
  readonly fixedAt: Uint32Array;
  readonly #bits: Uint32Array;
  readonly hostNames: readonly string[];
  readonly facts: readonly HostFacts[];
  readonly briefs: readonly Finding[];
  readonly severities: Uint8Array;
  readonly meta: FindingsTable['meta'];
  readonly suspicious: ReadonlySet<number> = new Set();
  /** Addresses and names of each asset, as filters of hosts are asked about them. */
  readonly names: readonly (readonly Finding[])[];
  /** For each asset five numbers, by severity: seconds in which a finding is to be fixed. */
  readonly #limits: Float64Array;
  readonly runStarts: Uint32Array;
  readonly #rows = new Map<string, Uint32Array>();
  #urgency: RankedKey | undefined;
  #full: readonly Finding[] | undefined;

  constructor({ version, scans, assets, kinds, states, rules, feeds }: ViewParts) {
    const count = states.length / STATE_NUMBERS;
    const place = new Map(kinds.map(({ id }, i) => [id, i]));
    const columns = Array.from({ length: STATE_NUMBERS }, () => new Uint32Array(count));
    const [variants = states, first = states, last = states, fixed = states, bits = states] = columns;
    for (let row = 0, at = 0; row < count; row++, at += STATE_NUMBERS) {
      variants[row] = place.get(states[at] ?? 0) ?? 0;
      first[row] = states[at + 1] ?? 0;
      last[row] = states[at + 2] ?? 0;
      fixed[row] = states[at + 3] ?? 0;
      bits[row] = states[at + 4] ?? 0;
    }
    const hosts = new Uint32Array(count);
    for (const [asset, { rows }] of assets.entries()) hosts.fill(asset, ...rows);
    [this.version, this.scans, this.assets, this.kinds] = [version, scans, assets, kinds];
    [this.hosts, this.variants, this.feeds] = [hosts, variants, feeds];
    [this.firstSeen, this.lastSeen, this.fixedAt, this.#bits] = [first, last, fixed, bits];
    this.runStarts = Uint32Array.from(
      assets.flatMap(({ rows: [start, end] }) => (end > start ? [start] : [])),
    );
    this.hostNames = assets.map(({ name }) => name);
    this.facts = assets.map(({ facts }) => facts);
    this.names = assets.map(({ name, facts: { host_ip, host_fqdn, netbios } }) =>
      [...new Set([name, host_ip ?? name, ...[host_fqdn ?? []].flat(), netbios ?? name])].map(
        (host) => ({ host }) as unknown as Finding, // it has no other field
      ),
    );
    this.#limits = Float64Array.from(
      assets.flatMap((asset) => [0, 1, 2, 3, 4].map((severity) => limitFor(asset, severity, rules))),
    );
    this.briefs = kinds.map(({ brief }) => brief);
    this.severities = Uint8Array.from(kinds, ({ severity }) => severity);
    const fields = new Set(kinds.flatMap(({ brief }) => Object.keys(brief)));
    for (const field of LONG_FIELDS) fields.add(field);
    for (const each of this.facts) for (const field in each) if (field !== 'services') fields.add(field);
    this.meta = { findings: count, hosts: assets.length, fields: [...fields] };
  }

  /** What findings of each kind have in common: the short fields, unless one of those that are asked about can be long. */
  variantsFor(fields: ReadonlySet<string>): readonly Finding[] {
    if (!LONG_FIELDS.some((field) => fields.has(field))) return this.briefs;
    this.#full ??= this.kinds.map(({ full }): Finding => JSON.parse(full));
    return this.#full;
  }

  valuesOfHosts(field: string): readonly (FieldValue | undefined)[] {
    return field === 'host' ? this.hostNames : this.facts.map((facts) => facts[field]);
  }

  output(): null {
    return null; // those of a page are read for it: see `outputsOf`
  }

  /** What became of a finding. */
  stateOf(row: number): ReturnType<typeof readBits> {
    return readBits(this.#bits[row] ?? 0);
  }

  isFixed(row: number): boolean {
    return ((this.#bits[row] ?? 0) & 3) === 1;
  }

  isReopened(row: number): boolean {
    return ((this.#bits[row] ?? 0) & 3) === 2;
  }

  /** Whether a finding is open for longer than it may be, at a time in seconds since 1970. */
  isOverdue(row: number, now: number): boolean {
    if (this.isFixed(row)) return false;
    const limit = this.#limits[(this.hosts[row] ?? 0) * 5 + (this.severities[this.variants[row] ?? 0] ?? 0)];
    return now - (this.firstSeen[row] ?? 0) > (limit ?? 0);
  }

  /** Rows of which something holds, which is tested once for a name. */
  rowsOf(name: string, test: (row: number) => boolean): Uint32Array {
    const known = this.#rows.get(name);
    if (known) return known;
    const found = new Uint32Array(this.meta.findings);
    let length = 0;
    for (let row = 0; row < found.length; row++) if (test(row)) found[length++] = row;
    const rows = length < found.length / 2 ? found.slice(0, length) : found.subarray(0, length);
    if (this.#rows.size >= MOST_ROWS) this.#rows.clear();
    this.#rows.set(name, rows);
    return rows;
  }

  /** The order of what is most urgent. */
  get urgency(): RankedKey {
    if (this.#urgency) return this.#urgency;
    const assets = new Uint32Array(this.kinds.length);
    for (let row = 0; row < this.variants.length; row++)
      if (!this.isFixed(row)) {
        const kind = this.variants[row] ?? 0;
        assets[kind] = (assets[kind] ?? 0) + 1;
      }
    const values = this.kinds.map(({ signals, severity }, i) => urgencyOf(signals, severity, assets[i] ?? 0));
    const ranks = rankBy(values.length, (a, b) => (values[b] ?? 0) - (values[a] ?? 0));
    this.#urgency = { column: this.variants, ranks };
    return this.#urgency;
  }
}

const DAY = 86_400;

/** Seconds in which a finding of an asset is to be fixed. */
function limitFor(
  { tags }: Pick<ViewedAsset, 'tags'>,
  severity: number,
  { days, tagDays }: AssetRules,
): number {
  const limits = [days, ...tags.map((tag) => tagDays.get(tag) ?? [])].map((each) => each[severity]);
  return DAY * Math.min(...limits.filter((limit) => limit !== undefined));
}

/** Tags and owner of an asset by the operator's rules. */
export function groupsOf(
  asset: { name: string; facts: HostFacts },
  { groups }: AssetRules,
): Pick<ViewedAsset, 'tags' | 'owner'> {
  const { host_ip, host_fqdn, netbios } = asset.facts;
  const own = groups.filter((group) => group.has({ host: asset.name, host_ip, host_fqdn, netbios }));
  return {
    tags: [...new Set(own.flatMap(({ tags }) => tags))],
    owner: own.find(({ owner }) => owner !== undefined)?.owner,
  };
}

/** Finds when assets were away: the first scan after the last that reached one, which was aimed at it. */
export class AwayFinder {
  readonly #byZone = new Map<string, { at: number; id: number; covers: (host: string) => boolean }[]>();

  constructor(scans: readonly StoredScan[]) {
    for (const { id, zone, endedAt, targets } of scans) {
      const covers = coverTest(targets);
      if (!covers) continue;
      const known = this.#byZone.get(zone) ?? [];
      known.push({ at: endedAt, id, covers });
      this.#byZone.set(zone, known);
    }
  }

  awaySince({
    zone,
    name,
    facts,
    lastSeen,
  }: Pick<ViewedAsset, 'zone' | 'name' | 'facts' | 'lastSeen'>): number | undefined {
    const address = String(facts.host_ip ?? name);
    const missed = this.#byZone.get(zone)?.find(({ at, covers }) => at > lastSeen && covers(address));
    return missed?.at;
  }
}

/** Whether a target list, as it was requested, covers a host; `undefined` where nobody knows. */
export function coverTest(targets: string): ((host: string) => boolean) | undefined {
  if (targets === '') return undefined;
  let list: readonly Target[];
  try {
    list = parseTargets(targets);
  } catch {
    return undefined; // a report of elsewhere: what it was aimed at is not known
  }
  return (host) => {
    try {
      return targetsOverlap(list, parseTargets(host));
    } catch {
      return false; // a name that no target can be
    }
  };
}
