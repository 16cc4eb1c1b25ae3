import { nameOf } from '../grouping.ts';
import type { FindingsIndex } from '../index/findings_index.ts';

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
const CHECK_FIELDS = ['cm:compliance-check-id', 'cm:compliance-full-id', 'cm:compliance-check-name'];

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

  /** A scan's findings as numbers, ascending, without duplicates. */
  encode(index: FindingsIndex): Float64Array {
    const hostIds = this.hostIds(index);
    const kindIds = Uint32Array.from(index.variantsFor(new Set(CHECK_FIELDS)), (brief) => {
      const check = CHECK_FIELDS.map((field) => brief[field]).find((value) => value !== undefined);
      const kind: FindingKind = {
        plugin_id: brief.plugin_id ?? '',
        plugin_name: nameOf(brief),
        port: brief.port ?? '',
        protocol: brief.protocol ?? '',
        ...(check === undefined ? {} : { check: String(check) }),
      };
      const key = `${kind.plugin_id}/${kind.port}/${kind.protocol}/${kind.check ?? ''}`;
      return idOf(key, this.#kindIds, this.kinds, () => kind);
    });
    const { hosts, variants, severities } = index;
    const encoded = new Float64Array(hosts.length);
    for (let row = 0; row < hosts.length; row++) {
      const variant = variants[row] ?? 0;
      const key = (hostIds[hosts[row] ?? 0] ?? 0) * MAX_KINDS + (kindIds[variant] ?? 0);
      encoded[row] = key * SEVERITIES + (severities[variant] ?? 0);
    }
    return withoutDoubles(encoded.sort());
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
