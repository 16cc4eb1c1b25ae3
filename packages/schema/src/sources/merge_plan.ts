import type { Host } from '../finding.ts';
import { timeOf } from '../scan_times.ts';
import { NumberTable } from './number_table.ts';

/** Documents that can be merged: their number is packed into an entry. */
const MAX_DOCUMENTS = 4096;

/** What is known of a host. */
interface MergedHost {
  /** The document that scanned it last, and when. */
  latest: { document: number; time: number };
  /** When each document scanned it. */
  times: Map<number, number>;
  /**
   * By the identity of a finding: the number of the set of documents that have it, the one of them that scanned the host last, and
   * whether filters want what that one says; packed into one number, since there are many.
   */
  findings: NumberTable;
}

/** Which documents have which findings, and which of them tells a finding. */
export class MergePlan {
  readonly #names: readonly string[];
  readonly #latestOnly: boolean;
  readonly #hosts = new Map<string, MergedHost>();
  /** Sets of documents: the same ones occur again and again. */
  readonly #sets: { names: readonly string[]; documents: readonly number[] }[] = [];
  readonly #setIds = new Map<string, number>();
  readonly #counts: { findings: number; doubles: number }[];

  constructor(names: readonly string[], merge: 'union' | 'latest') {
    if (names.length > MAX_DOCUMENTS)
      throw new RangeError(`At most ${MAX_DOCUMENTS} documents can be merged`);
    this.#names = names;
    this.#latestOnly = merge === 'latest';
    this.#counts = names.map(() => ({ findings: 0, doubles: 0 }));
  }

  /** Notes that a document has a host; says whether it is the first one. */
  addHost(document: number, { name, properties }: Host): boolean {
    const time = timeOf(properties, 'HOST_END') ?? timeOf(properties, 'HOST_START') ?? 0;
    const known = this.#hosts.get(name);
    if (!known) {
      this.#hosts.set(name, {
        latest: { document, time },
        times: new Map([[document, time]]),
        findings: new NumberTable(),
      });
      return true;
    }
    known.times.set(document, time);
    if (time >= known.latest.time) known.latest = { document, time };
    return false;
  }

  /** Notes that a document has a finding. */
  add(document: number, host: string, { identity, isWanted }: { identity: number; isWanted: boolean }): void {
    const known = this.#hosts.get(host);
    const count = this.#counts[document];
    if (!known || !count) return;
    count.findings++;
    const before = known.findings.get(identity);
    if (before === undefined) {
      known.findings.set(identity, pack(this.#setId([document]), document, isWanted));
      return;
    }
    const { set, teller, isWanted: wasWanted } = unpack(before);
    const documents = this.#sets[set]?.documents ?? [];
    if (!documents.includes(document)) count.doubles++;
    const isNewer = (known.times.get(document) ?? 0) >= (known.times.get(teller) ?? 0);
    const next = documents.includes(document) ? set : this.#setId([...documents, document]);
    known.findings.set(identity, isNewer ? pack(next, document, isWanted) : pack(next, teller, wasWanted));
  }

  /** Findings that filters want, each counted once. */
  matches(): number {
    let matches = 0;
    for (const { findings, latest } of this.#hosts.values())
      for (const packed of findings.values()) {
        const { teller, isWanted } = unpack(packed);
        if (isWanted && (!this.#latestOnly || teller === latest.document)) matches++;
      }
    return matches;
  }

  /** The documents that have a finding; `undefined` when it is not this document that tells it. */
  sourcesOf(document: number, host: string, identity: number): readonly string[] | undefined {
    const known = this.#hosts.get(host);
    const packed = known?.findings.get(identity);
    if (!known || packed === undefined) return undefined;
    const { set, teller } = unpack(packed);
    if (teller !== document || (this.#latestOnly && known.latest.document !== document)) return undefined;
    return this.#sets[set]?.names;
  }

  counts(): readonly { name: string; findings: number; doubles: number }[] {
    return this.#names.map((name, index) => ({
      name,
      ...(this.#counts[index] ?? { findings: 0, doubles: 0 }),
    }));
  }

  #setId(documents: readonly number[]): number {
    const key = documents.join();
    const known = this.#setIds.get(key);
    if (known !== undefined) return known;
    const id = this.#sets.push({ documents, names: documents.map((index) => this.#names[index] ?? '') }) - 1;
    this.#setIds.set(key, id);
    return id;
  }
}

function pack(set: number, teller: number, isWanted: boolean): number {
  return (set * MAX_DOCUMENTS + teller) * 2 + Number(isWanted);
}

function unpack(packed: number): { set: number; teller: number; isWanted: boolean } {
  const rest = Math.floor(packed / 2);
  return { set: Math.floor(rest / MAX_DOCUMENTS), teller: rest % MAX_DOCUMENTS, isWanted: packed % 2 === 1 };
}
