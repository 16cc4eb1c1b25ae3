import { kindOf } from '@nmcp/schema';
import { nameOf } from '../grouping.ts';
import type { FindingsIndex } from '../index/findings_index.ts';
import { outputHash } from '../index/several_findings.ts';

/** Plugin, port and protocol of a finding, and for compliance the check: what it is beside its host. */
export interface FindingKind {
  plugin_id: string;
  plugin_name: string;
  port: string;
  protocol: string;
  /** Of a compliance check: a plugin reports many. */
  check?: string;
}

/** Places for a severity in an encoded finding. */
const SEVERITIES = 8;
/** More kinds than two scans have: host and kind must fit into 2^53 with the severity. */
const MAX_KINDS = 2 ** 24;
const CHECK_FIELDS = [
  'cm:compliance-check-id',
  'cm:compliance-full-id',
  'cm:compliance-check-name',
  'cm:compliance-result',
];

/** Host and kind of an encoded finding, without its severity. */
export function keyOf(encoded: number): number {
  return Math.floor(encoded / SEVERITIES);
}

/** Severity of an encoded finding. */
export function levelOf(encoded: number): number {
  return encoded % SEVERITIES;
}

/** Numbers hosts and kinds of findings of both scans, so that a finding is one number: host, kind, severity. */
export class Vocabulary {
  readonly hosts: string[] = [];
  readonly kinds: FindingKind[] = [];
  readonly #hostIds = new Map<string, number>();
  readonly #kindIds = new Map<string, number>();

  /** Findings of two scans as numbers, ascending, without duplicates: what is the same in both is the same number. */
  encode(earlier: FindingsIndex, later: FindingsIndex): [Float64Array, Float64Array] {
    const [before, after] = [this.#kindsOf(earlier), this.#kindsOf(later)];
    return [this.#encode(earlier, before, after), this.#encode(later, after, before)];
  }

  #kindsOf(index: FindingsIndex): ScanKinds {
    const kindIds = Uint32Array.from(index.variantsFor(new Set(CHECK_FIELDS)), (brief) => {
      const check = brief['cm:compliance-check-name'] ?? brief['cm:compliance-check-id'];
      const kind: FindingKind = {
        plugin_id: brief.plugin_id ?? '',
        plugin_name: nameOf(brief),
        port: brief.port ?? '',
        protocol: brief.protocol ?? '',
        ...(check === undefined ? {} : { check: String(check) }),
      };
      return this.#kindId(kindOf(brief), kind);
    });
    const hostIds = this.hostIds(index);
    const { several } = index;
    const bySubject = new Map<number, Map<number, number>>();
    for (const [row, hash] of several) {
      const subject = subjectOf(hostIds[index.hosts[row] ?? 0], kindIds[index.variants[row] ?? 0]);
      const kinds = bySubject.get(subject) ?? new Map<number, number>();
      bySubject.set(subject, kinds);
      kinds.set(hash, this.#distinguished(kindIds[index.variants[row] ?? 0] ?? 0, hash));
    }
    return { kindIds, hostIds, several, bySubject };
  }

  #encode(index: FindingsIndex, own: ScanKinds, other: ScanKinds): Float64Array {
    const { hosts, variants, severities } = index;
    const encoded = new Float64Array(hosts.length);
    for (let row = 0; row < hosts.length; row++) {
      const variant = variants[row] ?? 0;
      const host = own.hostIds[hosts[row] ?? 0] ?? 0;
      let kind = own.kindIds[variant] ?? 0;
      const hash = own.several.size > 0 ? own.several.get(row) : undefined;
      if (hash !== undefined) kind = this.#distinguished(kind, hash);
      else if (other.bySubject.size > 0) kind = likeOneOf(other, host, kind, () => index.output(row));
      encoded[row] = subjectOf(host, kind) * SEVERITIES + (severities[variant] ?? 0);
    }
    return withoutDoubles(encoded.sort());
  }

  /** The number of a kind, of which a host has several, with a hash of what this one says. */
  #distinguished(kind: number, hash: number): number {
    const described = this.kinds[kind];
    return described ? this.#kindId(`${kind}#${hash}`, described) : kind;
  }

  #kindId(key: string, kind: FindingKind): number {
    return idOf(key, this.#kindIds, this.kinds, () => kind);
  }

  /** Numbers of a scan's hosts, in its order. */
  hostIds(index: FindingsIndex): Uint32Array {
    return Uint32Array.from(index.hostNames, (name) => idOf(name, this.#hostIds, this.hosts, () => name));
  }

  /** Host of an encoded finding. */
  hostOf(encoded: number): number {
    return Math.floor(keyOf(encoded) / MAX_KINDS);
  }

  /** Kind of an encoded finding. */
  kindOf(encoded: number): FindingKind {
    return (
      this.kinds[keyOf(encoded) % MAX_KINDS] ?? { plugin_id: '', plugin_name: '', port: '', protocol: '' }
    );
  }
}

/** What is known of one scan's kinds. */
interface ScanKinds {
  /** For each variant its kind. */
  kindIds: Uint32Array;
  hostIds: Uint32Array;
  several: ReadonlyMap<number, number>;
  /** Where a host has several findings of one kind: by hash of the output the number of each. */
  bySubject: ReadonlyMap<number, ReadonlyMap<number, number>>;
}

/** Host and kind as one number. */
function subjectOf(host: number | undefined, kind: number | undefined): number {
  return (host ?? 0) * MAX_KINDS + (kind ?? 0);
}

/** The one finding of a scan is one of those that the other scan has several of: the one that says the same, or else the first. */
function likeOneOf(
  { bySubject }: ScanKinds,
  host: number,
  kind: number,
  output: () => string | null,
): number {
  const kinds = bySubject.get(subjectOf(host, kind));
  if (!kinds) return kind;
  const [first = kind] = kinds.values();
  return kinds.get(outputHash(output())) ?? first;
}

function idOf<T>(key: string, ids: Map<string, number>, values: T[], make: () => T): number {
  const known = ids.get(key);
  if (known !== undefined) return known;
  ids.set(key, values.length);
  return values.push(make()) - 1;
}

/** Keeps the worst of several findings with one key. */
function withoutDoubles(sorted: Float64Array): Float64Array {
  let count = 0;
  for (const value of sorted) {
    if (count > 0 && keyOf(sorted[count - 1] ?? 0) === keyOf(value)) sorted[count - 1] = value;
    else sorted[count++] = value;
  }
  return sorted.subarray(0, count);
}
