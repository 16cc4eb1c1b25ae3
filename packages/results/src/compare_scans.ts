import type { SeverityBreakdown } from '@nmcp/types';
import { nameOf, severityOf } from './group_findings.ts';
import type { FindingsIndex } from './index/findings_index.ts';

/** A finding that is new, gone or changed. */
export interface ComparedFinding {
  host: string;
  plugin_id: string;
  plugin_name: string;
  port: string;
  protocol: string;
  severity: number;
  /** In the earlier scan, when it changed. */
  earlier_severity?: number;
}

/** How many findings of a host are new, gone and persisting. */
export interface HostChanges {
  host: string;
  new: number;
  fixed: number;
  persisting: number;
}

/** Two scans side by side. A finding is the same when host, port, protocol and plugin are. */
export interface ScanComparison {
  new: { total: number; by_severity: SeverityBreakdown; worst: ComparedFinding[] };
  fixed: { total: number; by_severity: SeverityBreakdown; worst: ComparedFinding[] };
  persisting: { total: number; by_severity: SeverityBreakdown };
  changed_severity: { total: number; worst: ComparedFinding[] };
  hosts: { only_earlier: number; only_later: number; both: number };
  /** Hosts with most changes. */
  host_changes: HostChanges[];
}

/** Options of {@linkcode compareScans}. */
export interface CompareOptions {
  /** Findings to name of each kind, and hosts. @default 10 */
  top?: number | undefined;
}

/** Port, protocol and plugin of a finding. */
interface FindingKind {
  plugin_id: string;
  plugin_name: string;
  port: string;
  protocol: string;
}

/** Compares an earlier and a later scan. */
export function compareScans(
  earlier: FindingsIndex,
  later: FindingsIndex,
  { top = 10 }: CompareOptions = {},
): ScanComparison {
  const words = new Vocabulary();
  const [before, after] = [words.encode(earlier), words.encode(later)];
  const tally = new Tally(words, top);
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const a = before[i] ?? Number.POSITIVE_INFINITY;
    const b = after[j] ?? Number.POSITIVE_INFINITY;
    const [keyA, keyB] = [Math.floor(a / SEVERITIES), Math.floor(b / SEVERITIES)];
    if (keyA < keyB) tally.add('fixed', a);
    else if (keyB < keyA) tally.add('new', b);
    else tally.stay(a, b);
    if (keyA <= keyB) i++;
    if (keyB <= keyA) j++;
  }
  return { ...tally.result(), hosts: words.hostsOf(earlier, later) };
}

/** Places for a severity in an encoded finding. */
const SEVERITIES = 8;

/** Numbers hosts and kinds of findings of both scans, so that a finding is one number: host, kind, severity. */
class Vocabulary {
  readonly hosts: string[] = [];
  readonly kinds: FindingKind[] = [];
  readonly #hostIds = new Map<string, number>();
  readonly #kindIds = new Map<string, number>();
  /** More kinds than two scans have: host and kind must fit into 2^53 with the severity. */
  static readonly #MAX_KINDS = 2 ** 24;

  /** A scan's findings as numbers, ascending, without duplicates. */
  encode(index: FindingsIndex): Float64Array {
    const hostIds = Uint32Array.from(index.hostNames, (name) =>
      this.#idOf(name, this.#hostIds, this.hosts, () => name),
    );
    const kindIds = Uint32Array.from(index.briefs, (brief) => {
      const kind = {
        plugin_id: brief.plugin_id ?? '',
        plugin_name: nameOf(brief),
        port: brief.port ?? '',
        protocol: brief.protocol ?? '',
      };
      return this.#idOf(
        `${kind.plugin_id}/${kind.port}/${kind.protocol}`,
        this.#kindIds,
        this.kinds,
        () => kind,
      );
    });
    const severities = Uint8Array.from(index.briefs, severityOf);
    const { hosts, variants } = index;
    const encoded = new Float64Array(hosts.length);
    for (let row = 0; row < hosts.length; row++) {
      const variant = variants[row] ?? 0;
      const key = (hostIds[hosts[row] ?? 0] ?? 0) * Vocabulary.#MAX_KINDS + (kindIds[variant] ?? 0);
      encoded[row] = key * SEVERITIES + (severities[variant] ?? 0);
    }
    return withoutDoubles(encoded.sort());
  }

  /** Host and kind of an encoded finding. */
  decode(encoded: number): { host: number; kind: FindingKind; severity: number } {
    const key = Math.floor(encoded / SEVERITIES);
    const host = Math.floor(key / Vocabulary.#MAX_KINDS);
    const kind = this.kinds[key % Vocabulary.#MAX_KINDS] ?? {
      plugin_id: '',
      plugin_name: '',
      port: '',
      protocol: '',
    };
    return { host, kind, severity: encoded % SEVERITIES };
  }

  hostsOf(earlier: FindingsIndex, later: FindingsIndex): ScanComparison['hosts'] {
    const [before, after] = [new Set(earlier.hostNames), new Set(later.hostNames)];
    const both = [...before].filter((host) => after.has(host)).length;
    return { only_earlier: before.size - both, only_later: after.size - both, both };
  }

  #idOf<T>(key: string, ids: Map<string, number>, values: T[], make: () => T): number {
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, values.length);
    return values.push(make()) - 1;
  }
}

/** Keeps the worst of several findings with one key. */
function withoutDoubles(sorted: Float64Array): Float64Array {
  let count = 0;
  for (const value of sorted) {
    const isSame =
      count > 0 && Math.floor((sorted[count - 1] ?? 0) / SEVERITIES) === Math.floor(value / SEVERITIES);
    if (isSame) sorted[count - 1] = value;
    else sorted[count++] = value;
  }
  return sorted.subarray(0, count);
}

/** The worst few of many. */
class Worst {
  readonly #top: number;
  readonly #bySeverity: number[][] = [[], [], [], [], []];
  readonly counts: [number, number, number, number, number] = [0, 0, 0, 0, 0];

  constructor(top: number) {
    this.#top = top;
  }

  add(encoded: number): void {
    const severity = encoded % SEVERITIES;
    this.counts[severity] = (this.counts[severity] ?? 0) + 1;
    const kept = this.#bySeverity[severity];
    if (kept && kept.length < this.#top) kept.push(encoded);
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  worst(): number[] {
    return this.#bySeverity.toReversed().flat().slice(0, this.#top);
  }
}

class Tally {
  readonly #words: Vocabulary;
  readonly #top: number;
  readonly #new: Worst;
  readonly #fixed: Worst;
  readonly #persisting: Worst;
  readonly #changed: { encoded: number; earlier: number }[] = [];
  #changedTotal = 0;
  readonly #hostChanges = new Map<number, HostChanges>();

  constructor(words: Vocabulary, top: number) {
    this.#words = words;
    this.#top = top;
    this.#new = new Worst(top);
    this.#fixed = new Worst(top);
    this.#persisting = new Worst(0);
  }

  add(kind: 'new' | 'fixed', encoded: number): void {
    (kind === 'new' ? this.#new : this.#fixed).add(encoded);
    this.#host(encoded)[kind]++;
  }

  stay(before: number, after: number): void {
    this.#persisting.add(after);
    this.#host(after).persisting++;
    if (before === after) return;
    this.#changedTotal++;
    if (this.#changed.length < 1000) this.#changed.push({ encoded: after, earlier: before % SEVERITIES });
  }

  result(): Omit<ScanComparison, 'hosts'> {
    const kind = (worst: Worst): ScanComparison['new'] => ({
      total: worst.total,
      by_severity: breakdown(worst.counts),
      worst: worst.worst().map((encoded) => this.#describe(encoded)),
    });
    const changed = this.#changed
      .sort((a, b) => (b.encoded % SEVERITIES) - (a.encoded % SEVERITIES))
      .slice(0, this.#top);
    const changes = [...this.#hostChanges.values()].filter((host) => host.new + host.fixed > 0);
    return {
      new: kind(this.#new),
      fixed: kind(this.#fixed),
      persisting: { total: this.#persisting.total, by_severity: breakdown(this.#persisting.counts) },
      changed_severity: {
        total: this.#changedTotal,
        worst: changed.map(({ encoded, earlier }) => ({
          ...this.#describe(encoded),
          earlier_severity: earlier,
        })),
      },
      host_changes: changes.sort((a, b) => b.new + b.fixed - a.new - a.fixed).slice(0, this.#top),
    };
  }

  #describe(encoded: number): ComparedFinding {
    const { host, kind, severity } = this.#words.decode(encoded);
    return {
      host: this.#words.hosts[host] ?? '',
      ...kind,
      plugin_name: kind.plugin_name.slice(0, 90),
      severity,
    };
  }

  #host(encoded: number): HostChanges {
    const { host } = this.#words.decode(encoded);
    const known = this.#hostChanges.get(host) ?? {
      host: this.#words.hosts[host] ?? '',
      new: 0,
      fixed: 0,
      persisting: 0,
    };
    this.#hostChanges.set(host, known);
    return known;
  }
}

function breakdown([info, low, medium, high, critical]: Worst['counts']): SeverityBreakdown {
  return { critical, high, medium, low, info };
}
