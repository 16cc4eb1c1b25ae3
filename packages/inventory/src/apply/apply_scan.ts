import { LOGIN_RANKS } from '@nmcp/results';
import { shorten } from '@nmcp/schema';
import { NmcpError } from '@nmcp/types';
import type { ScanEvidence } from '../evidence.ts';
import { type FindingKey, readKey } from '../finding_key.ts';
import type { Sighting } from '../finding_state.ts';
import { type FindingHistory, packHistories, unpackHistories, withSighting } from '../history.ts';
import { type JudgedKinds, judge, packJudgement } from '../judge.ts';
import { bothOutputs, MOST_OUTPUT } from '../outputs.ts';
import { packSightings, unpackSightings } from '../packed.ts';
import type { EvidencedScan, InventoryStore, StoredAsset, StoredKind } from '../store/inventory_store.ts';
import { factsOf } from './facts_of.ts';
import { type IdentityKind, identityOfHost } from './identity_of_host.ts';
import { OutputStage } from './output_stage.ts';
import type { ReportedHost, ScanReport } from './scan_report.ts';

/** What is known of a scan beside its report. */
export interface AppliedScan {
  taskId: string;
  pool: string;
  /** Networks with the same addresses are told apart by it. @default the pool */
  zone?: string | undefined;
  /** @default address */
  identity?: IdentityKind | undefined;
  owner?: string | undefined;
  targets?: string | undefined;
  /** When the task ended, in milliseconds since 1970: the time of a report that states none. */
  endedAt: number;
  /** Milliseconds since 1970. @default Date.now */
  now?: (() => number) | undefined;
}

/** What came of applying a scan. */
export type Applied = 'applied' | 'known' | { refused: string };

/** A clock that is ahead by more than this makes a scan one of the future. */
const AHEAD_MS = 3_600_000;
/** Attempts, while others change the inventory. */
const ATTEMPTS = 20;
/** Hosts that are read at a time. */
const HOSTS = 250;

/**
 * Applies a scan, in whatever order scans come: whole or not at all, and a scan that was applied already changes nothing.
 *
 * @throws {NmcpError} `unavailable` and `storage` of the store
 */
export async function applyScan(
  store: InventoryStore,
  report: ScanReport,
  scan: AppliedScan,
): Promise<Applied> {
  const { now = Date.now } = scan;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const from = await store.version();
    if ((await store.known()).has(scan.taskId)) return 'known';
    const times = timesOf(report, scan);
    if (times.endedAt > now() + AHEAD_MS) {
      const refused = `it says that it ended ${new Date(times.endedAt).toISOString()}, which is yet to come`;
      await store.refuse(scan.taskId, refused);
      return { refused };
    }
    const change = await new Application(store, report, scan, times).work();
    if (await store.commit({ from, ...change })) return 'applied';
  }
  throw new NmcpError('unavailable', 'The inventory is changed by others all the time; try again');
}

function timesOf(
  { startedAt, endedAt }: ScanReport,
  scan: AppliedScan,
): { startedAt: number; endedAt: number } {
  const end = endedAt ?? startedAt ?? scan.endedAt;
  return { startedAt: startedAt ?? end, endedAt: end };
}

interface Work {
  scan: EvidencedScan;
  kinds: StoredKind[];
  assets: StoredAsset[];
}

class Application {
  readonly #store: InventoryStore;
  readonly #report: ScanReport;
  readonly #applied: AppliedScan;
  readonly #times: { startedAt: number; endedAt: number };
  readonly #evidence = new Map<number, ScanEvidence>();
  /** By key, and by key and severity. */
  readonly #keys = new Map<string, number>();
  readonly #kindIds = new Map<string, number>();
  /** By number: the number of its key, and its severity. */
  readonly #keyOf: number[] = [];
  readonly #severityOf: number[] = [];
  readonly #keyTexts: FindingKey[] = [];
  readonly #kinds: JudgedKinds = {
    keyOf: (kind) => this.#keyTexts[this.#keyOf[kind] ?? 0] ?? readKey(''),
    severityOf: (kind) => this.#severityOf[kind] ?? 0,
  };
  readonly #outputs: OutputStage;
  #nextAsset = 1;

  constructor(
    store: InventoryStore,
    report: ScanReport,
    applied: AppliedScan,
    times: { startedAt: number; endedAt: number },
  ) {
    this.#store = store;
    this.#report = report;
    this.#applied = applied;
    this.#times = times;
    this.#outputs = new OutputStage(store);
  }

  async work(): Promise<Work> {
    const { taskId, pool, owner, targets = '', zone = pool } = this.#applied;
    const scans = await this.#store.scans();
    const id = 1 + scans.reduce((most, scan) => Math.max(most, scan.id), 0);
    this.#evidence.set(id, this.#report.evidence);
    const { kinds, ids } = await this.#numberKinds();
    this.#nextAsset = 1 + (await this.#store.lastAsset());
    const assets: StoredAsset[] = [];
    let hosts = 0;
    for (const some of chunksOf(this.#identified(), HOSTS)) {
      const known = new Map(
        (await this.#store.assetsOf(zone, [...some.keys()])).map((asset) => [asset.identity, asset]),
      );
      await this.#loadEvidence([...known.values()]);
      await this.#outputs.next([...known.values()]);
      for (const [identity, places] of some) {
        const asset = known.get(identity) ?? newAsset(this.#nextAsset++, zone, identity);
        assets.push(this.#sight(asset, places, id, ids));
        if (this.#outputs.isFull) await this.#outputs.flush();
        hosts++;
      }
      await this.#outputs.flush();
    }
    const { name, policy, evidence, findings } = this.#report;
    const [startedAt, endedAt] = [secondsOf(this.#times.startedAt), secondsOf(this.#times.endedAt)];
    const of = { id, taskId, pool, zone, owner, name, policy, startedAt, endedAt, targets };
    return { scan: { ...of, hosts, findings, evidence, hasOutputs: true }, kinds, assets };
  }

  /** Numbers the report's kinds: those that are known keep theirs. */
  async #numberKinds(): Promise<{ kinds: StoredKind[]; ids: Uint32Array }> {
    let last = 0;
    for (const { id, key, severity } of await this.#store.kindKeys()) {
      last = Math.max(last, id);
      this.#note(id, key, severity);
    }
    const kinds: StoredKind[] = [];
    const ids = Uint32Array.from(this.#report.kinds, (kind) => {
      const known = this.#kindIds.get(`${kind.severity}/${kind.key}`);
      const id = known ?? ++last;
      if (known === undefined) this.#note(id, kind.key, kind.severity);
      kinds.push({ id, ...kind });
      return id;
    });
    return { kinds: [...new Map(kinds.map((kind) => [kind.id, kind])).values()], ids };
  }

  #note(id: number, key: string, severity: number): void {
    const number = this.#keys.get(key) ?? this.#keys.size;
    this.#keys.set(key, number);
    this.#keyTexts[number] ??= readKey(key);
    this.#kindIds.set(`${severity}/${key}`, id);
    this.#keyOf[id] = number;
    this.#severityOf[id] = severity;
  }

  /** Places of hosts by what makes them the same: two of a report can be one. */
  #identified(): Map<string, number[]> {
    const { identity = 'address' } = this.#applied;
    const found = new Map<string, number[]>();
    this.#report.hosts.forEach((host, place) => {
      const key = identityOfHost(host, identity);
      found.set(key, [...(found.get(key) ?? []), place]);
    });
    return found;
  }

  async #loadEvidence(assets: readonly StoredAsset[]): Promise<void> {
    const missing = new Set<number>();
    for (const { sightings } of assets)
      for (const { scan } of unpackSightings(sightings)) if (!this.#evidence.has(scan)) missing.add(scan);
    if (missing.size === 0) return;
    for (const [scan, evidence] of await this.#store.evidence([...missing]))
      this.#evidence.set(scan, evidence);
  }

  /** An asset after the scan has reached it. */
  #sight(asset: StoredAsset, places: readonly number[], scan: number, ids: Uint32Array): StoredAsset {
    const [host = { name: asset.identity, facts: { credentialed: 'none' } }] = places.map(
      (place): ReportedHost | undefined => this.#report.hosts[place],
    );
    const { kinds, listing } = this.#report.read(places);
    const before = unpackSightings(asset.sightings);
    const sighting = this.#sightingOf(host, scan);
    const place = placeIn(before, sighting);
    const sightings = before.toSpliced(place, 0, sighting);
    const seen = new Map<number, number>(); // the worst of several with one key
    const said = new Map<number, string>();
    for (const [each, output] of kinds) {
      const kind = ids[each] ?? 0;
      const key = this.#keyOf[kind] ?? 0;
      said.set(key, bothOutputs(said.get(key) ?? '', output));
      const known = seen.get(key);
      if (known === undefined || (this.#severityOf[known] ?? 0) < (this.#severityOf[kind] ?? 0))
        seen.set(key, kind);
    }
    const latest = new Map<number, string>(); // of those that no later scan has seen
    const isNewest = place === before.length;
    const histories: FindingHistory[] = unpackHistories(asset.histories).map(({ kind, runs }) => {
      const key = this.#keyOf[kind] ?? 0;
      const now = seen.get(key);
      seen.delete(key);
      const moved = withSighting(runs, place, now !== undefined);
      if (now === undefined || moved.at(-1) !== place + 1) return { kind, runs: moved };
      latest.set(now, said.get(key) ?? '');
      return { kind: now, runs: moved };
    });
    for (const [key, kind] of seen) {
      histories.push({ kind, runs: [place, place + 1] });
      latest.set(kind, said.get(key) ?? '');
    }
    return {
      ...asset,
      ...(isNewest
        ? {
            name: host.name,
            ...factsOf(host.facts, listing, { before: asset, evidence: this.#report.evidence }),
          }
        : {}),
      sightings: packSightings(sightings),
      histories: packHistories(histories),
      ...packJudgement(judge({ sightings, histories }, this.#evidence, this.#kinds)),
      outputs: latest.size === 0 ? asset.outputs : this.#said(asset, histories, latest),
    };
  }

  /** What findings said last: what they say now, or what is known of them. */
  #said(
    asset: StoredAsset,
    histories: readonly FindingHistory[],
    latest: ReadonlyMap<number, string>,
  ): string {
    return this.#outputs.put(asset, (known) => {
      const outputs = new Map<number, string | Uint8Array>();
      for (const { kind } of histories) {
        const now = latest.get(kind);
        const output = now === undefined ? known.get(kind) : shorten(now, MOST_OUTPUT);
        if (output !== undefined && output !== '') outputs.set(kind, output);
      }
      return outputs;
    });
  }

  #sightingOf({ facts }: ReportedHost, scan: number): Sighting {
    const end = Date.parse(facts.host_end ?? '');
    const at = Number.isNaN(end) ? this.#times.endedAt : end;
    return { scan, at: secondsOf(at), login: LOGIN_RANKS[facts.credentialed] };
  }
}

/** Behind those that are as old: scans of one second are in the order in which they were applied. */
function placeIn(sightings: readonly Sighting[], { at, scan }: Sighting): number {
  const later = sightings.findIndex((each) => each.at > at || (each.at === at && each.scan > scan));
  return later < 0 ? sightings.length : later;
}

function newAsset(id: number, zone: string, identity: string): StoredAsset {
  const none = new Uint8Array(0);
  return {
    ...{ id, zone, identity, name: identity, facts: '{}', software: '' },
    ...{ sightings: none, states: none, histories: none, events: none, outputs: '' },
  };
}

function secondsOf(ms: number): number {
  return Math.max(0, Math.floor(ms / 1000));
}

function* chunksOf<K, V>(entries: Iterable<[K, V]>, size: number): Generator<Map<K, V>> {
  let chunk = new Map<K, V>();
  for (const [key, value] of entries) {
    chunk.set(key, value);
    if (chunk.size < size) continue;
    yield chunk;
    chunk = new Map();
  }
  if (chunk.size > 0) yield chunk;
}
