import type { AcceptedRisk } from '../accepted_risk.ts';
import type { ScanEvidence } from '../evidence.ts';
import type { Feed } from '../feeds/feed.ts';

/** A scan that was applied. */
export interface StoredScan {
  id: number;
  taskId: string;
  /** Its pool. */
  pool: string;
  zone: string;
  /** Who requested it; `undefined` for nobody. */
  owner: string | undefined;
  name: string;
  policy: string | undefined;
  /** When it ran, in seconds since 1970. */
  startedAt: number;
  endedAt: number;
  /** What it was aimed at, as requested; empty where nobody knows. */
  targets: string;
  hosts: number;
  findings: number;
  /** What its findings said was kept; not of a scan that an earlier version applied. */
  hasOutputs: boolean;
}

/** A scan with what it looked at. */
export interface EvidencedScan extends StoredScan {
  evidence: ScanEvidence;
}

/** What findings have in common on all assets. */
export interface StoredKind {
  id: number;
  /** See {@linkcode readKey}. */
  key: string;
  /** 0 to 4. */
  severity: number;
  /** The finding as JSON, without host and output: its short fields, and all. */
  brief: string;
  full: string;
}

/** An asset with its findings, as bytes. */
export interface StoredAsset {
  id: number;
  zone: string;
  /** What makes it the same in two scans: an address, a name, an agent's id. */
  identity: string;
  /** Its address or name in the last report. */
  name: string;
  /** What is known of it, as JSON: see `factsOf`. */
  facts: string;
  /** Its software and CPEs, as JSON: see `AssetSoftware`. */
  software: string;
  /** Scans that reached it: see `packSightings`. */
  sightings: Uint8Array;
  /** What became of each finding: see `packStates`. */
  states: Uint8Array;
  /** When it was seen: see `packHistories`. */
  histories: Uint8Array;
  /** What happened, by day: see `packEvents`. */
  events: Uint8Array;
  /** Which of its {@linkcode StoredOutputs} count: a `change` of them; empty for none. */
  outputs: string;
}

/** What findings of an asset said, as a change leaves it. */
export interface StoredOutputs {
  asset: number;
  change: string;
  /** See `replacedOutputs`. */
  texts: Uint8Array;
}

/** Where outputs of an asset stand. */
export type OutputsPlace = Pick<StoredAsset, 'id' | 'outputs'>;

/** What applying a scan, or merging assets, changes. */
export interface InventoryChange {
  /** The version that was read. */
  from: number;
  scan?: EvidencedScan | undefined;
  kinds: readonly StoredKind[];
  assets: readonly StoredAsset[];
  /** Assets that became part of others. */
  removed?: readonly number[] | undefined;
}

/**
 * Where the inventory is kept. A change is committed whole or not at all, and only if nothing was changed since it was read;
 * readers see the state before it or after it, and never wait.
 *
 * Methods throw `NmcpError`: `unavailable` when the database is away or takes no more connections, `storage` when it is
 * full or read-only.
 */
export interface InventoryStore extends AsyncDisposable {
  /** Counts changes. */
  version(): Promise<number>;
  scans(): Promise<StoredScan[]>;
  /** What scans looked at. */
  evidence(ids: readonly number[]): Promise<Map<number, ScanEvidence>>;
  /** What tells kinds apart. */
  kindKeys(): Promise<Pick<StoredKind, 'id' | 'key' | 'severity'>[]>;
  /** The highest number of an asset. */
  lastAsset(): Promise<number>;
  /** Kinds from a number on, in their order. */
  kinds(from?: number): Promise<StoredKind[]>;
  /** Assets of a zone by their identities. */
  assetsOf(zone: string, identities: readonly string[]): Promise<StoredAsset[]>;
  /** What findings of these assets said, by their numbers; without those that are no longer there. */
  outputsOf(assets: readonly OutputsPlace[]): Promise<Map<number, Uint8Array>>;
  /**
   * Writes outputs ahead of the change that they belong to: they count once assets name them, and are gone with the next change
   * of their assets if none ever does.
   */
  stageOutputs(rows: readonly StoredOutputs[]): Promise<void>;
  /** All assets in the order of their numbers, some at a time, without their software. */
  assets(): AsyncIterable<Omit<StoredAsset, 'software'>[]>;
  /** Software of the assets in whose lists a text stands, in whatever case; of those with these numbers where they are given. */
  software(text: string, ids?: readonly number[]): Promise<Map<number, string>>;
  /** @returns whether it was committed; not when something was changed since it was read */
  commit(change: InventoryChange): Promise<boolean>;
  /** Remembers a scan that is not applied, and why. */
  refuse(taskId: string, why: string): Promise<void>;
  /** Tasks whose scans were applied or refused. */
  known(): Promise<Map<string, string | undefined>>;
  risks(): Promise<AcceptedRisk[]>;
  addRisk(risk: AcceptedRisk): Promise<void>;
  removeRisk(id: string): Promise<boolean>;
  /** Lists of the operator's about CVEs. */
  feeds(): Promise<Feed[]>;
  /** Puts one in place of the one of its name. */
  putFeed(feed: Feed): Promise<void>;
  /** Forgets everything but accepted risks and feeds. */
  clear(): Promise<void>;
}
