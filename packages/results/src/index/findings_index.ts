import { lstatSync, statSync } from 'node:fs';
import {
  assertFields,
  compareSortValues,
  compileFilters,
  type Finding,
  knownFinding,
  type ScanValidation,
  type SortKey,
  sortValue,
} from '@nmcp/schema';
import { type Filters, NmcpError } from '@nmcp/types';
import Database from 'libsql';
import { type IndexMeta, LAYOUT_VERSION, OUTPUTS_A_ROW } from './layout.ts';
import { type RankedKey, rankBy, windowOf } from './rank.ts';

/** Findings that match filters: their numbers in the file's order. */
export interface Selection {
  rows: Uint32Array;
  keys: readonly RankedKey[];
}

/** Fields that differ within a variant. */
const ROW_FIELDS: ReadonlySet<string> = new Set(['host', 'plugin_output']);
const MAX_SELECTIONS = 4;
const MAX_RANKS = 32;
const MAX_FULL_VARIANTS = 500;

/** An opened findings.db: counts and pages of a million findings without reading their texts. */
export class FindingsIndex implements Disposable {
  readonly meta: IndexMeta;
  /** What reading the file determined about the scan. */
  readonly validation: ScanValidation;
  readonly hostNames: readonly string[];
  /** For each finding, its host. */
  readonly hosts: Uint32Array;
  /** For each finding, its variant. */
  readonly variants: Uint32Array;
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  #briefs: Finding[] | undefined;
  readonly #full = new Map<number, Finding>();
  readonly #ranks = new Map<string, RankedKey>();
  readonly #selections = new Map<string, Selection>();
  #outputs: { row: number; values: (string | null)[] } | undefined;

  /**
   * Opens an index; `undefined` when it is missing, damaged, of another layout, or of another file than the one beside it.
   */
  static open(indexPath: string, nativePath: string): FindingsIndex | undefined {
    let db: Database.Database | undefined;
    try {
      const { size } = statSync(nativePath);
      if (!lstatSync(indexPath).isFile()) return undefined; // it is rebuilt, and no link is followed
      db = new Database(indexPath, { readonly: true } as Database.Options);
      const index = new FindingsIndex(db);
      if (index.meta.version === LAYOUT_VERSION && index.meta.sourceBytes === size) return index;
    } catch {
      // whatever is wrong with it, rebuilding fixes it
    }
    db?.close();
    return undefined;
  }

  /** @internal Reads an index that is being written. */
  static of(db: Database.Database): FindingsIndex {
    return new FindingsIndex(db);
  }

  private constructor(db: Database.Database) {
    this.#db = db;
    this.meta = this.#metaOf('scan');
    this.validation = this.#metaOf('validation');
    this.hosts = this.#column('host');
    this.variants = this.#column('variant');
    if (this.hosts.length !== this.meta.findings || this.variants.length !== this.meta.findings)
      throw new Error('The columns are not whole');
    const rows = db.prepare('SELECT name FROM hosts ORDER BY id').all() as { name: string }[]; // of that query
    this.hostNames = rows.map(({ name }) => name);
  }

  [Symbol.dispose](): void {
    if (this.#db.open) this.#db.close();
  }

  /** What was computed when the index was built, under a key of `meta`. */
  stored<T>(key: string): T | undefined {
    const row = this.#statement('SELECT value FROM meta WHERE key = ?').get(key) as
      | { value: string }
      | undefined; // of that query
    return row ? JSON.parse(row.value) : undefined;
  }

  /** Every variant's short fields. */
  get briefs(): readonly Finding[] {
    this.#briefs ??= this.#loadVariants('brief');
    return this.#briefs;
  }

  /** A host's properties. */
  hostProperties(host: number): Record<string, string> {
    const row = this.#statement('SELECT properties FROM hosts WHERE id = ?').get(host) as
      | { properties: string }
      | undefined; // of that query
    return row ? JSON.parse(row.properties) : {};
  }

  /**
   * Finds the findings that match filters, sorted.
   *
   * @throws {NmcpError} `invalid_input`
   */
  select(filters: Filters, sort: readonly SortKey[] = []): Selection {
    const key = JSON.stringify([filters, sort]);
    const known = this.#selections.get(key);
    if (known) return known;
    const selection = { rows: this.#rowsOf(filters), keys: sort.map((each) => this.#rank(each)) };
    this.#selections.set(key, selection);
    const [oldest] = this.#selections.keys();
    if (this.#selections.size > MAX_SELECTIONS && oldest !== undefined) this.#selections.delete(oldest);
    return selection;
  }

  /** Numbers of the findings from `start` to `end` of a selection. */
  window({ rows, keys }: Selection, start: number, end: number): number[] {
    return windowOf(rows, keys, start, end);
  }

  /** One finding in full. */
  finding(row: number): Finding {
    const variant = this.#fullVariant(this.variants[row] ?? 0);
    const host = this.hostNames[this.hosts[row] ?? 0] ?? '';
    return knownFinding(variant, host, this.#output(row) ?? undefined);
  }

  #rowsOf(filters: Filters): Uint32Array {
    const { parts, fields } = compileFilters(filters);
    assertFields(fields, new Set(this.meta.fields), 'filters');
    const ofVariant = parts.filter((part) => ![...part.fields].some((field) => ROW_FIELDS.has(field)));
    const ofHost = parts.filter((part) => part.fields.size === 1 && part.fields.has('host'));
    const ofRow = parts.filter((part) => !ofVariant.includes(part) && !ofHost.includes(part));

    const variantFields = new Set(ofVariant.flatMap((part) => [...part.fields]));
    const isWantedVariant =
      ofVariant.length === 0
        ? undefined
        : flags(this.#variantsFor(variantFields), (finding) =>
            ofVariant.every((part) => part.matches(finding)),
          );
    const isWantedHost =
      ofHost.length === 0
        ? undefined
        : flags(this.hostNames, (host) => ofHost.every((part) => part.matches({ host } as Finding))); // they look at no other field
    const { hosts, variants } = this;
    const rows = new Uint32Array(hosts.length);
    let count = 0;
    for (let row = 0; row < hosts.length; row++) {
      if (isWantedVariant && isWantedVariant[variants[row] ?? 0] !== 1) continue;
      if (isWantedHost && isWantedHost[hosts[row] ?? 0] !== 1) continue;
      rows[count++] = row;
    }
    const found = rows.slice(0, count);
    if (ofRow.length === 0) return found;
    const isOfRowOnly = ofRow.every((part) => [...part.fields].every((field) => ROW_FIELDS.has(field)));
    const look = isOfRowOnly ? (row: number) => this.#rowFields(row) : (row: number) => this.finding(row);
    return found.filter((row) => {
      const finding = look(row);
      return ofRow.every((part) => part.matches(finding));
    });
  }

  /** What a finding does not share with its variant. */
  #rowFields(row: number): Finding {
    const host = this.hostNames[this.hosts[row] ?? 0] ?? '';
    return { host, plugin_output: this.#output(row) } as unknown as Finding; // only these two were selected
  }

  #rank(key: SortKey): RankedKey {
    const { field, descending } = key;
    if (field === 'plugin_output')
      throw new NmcpError('invalid_input', 'sort: plugin_output cannot be sorted by; sort by another field', {
        title: 'Invalid sort',
      });
    assertFields([field], new Set(this.meta.fields), 'sort');
    const known = this.#ranks.get(JSON.stringify(key));
    if (known) return known;
    const isHost = field === 'host';
    const values = isHost
      ? this.hostNames.map(sortValue)
      : this.#variantsFor(new Set([field])).map((variant) => sortValue(variant[field]));
    const ranks = rankBy(values.length, (a, b) => compareSortValues(values[a], values[b], descending));
    const ranked = { column: isHost ? this.hosts : this.variants, ranks };
    if (this.#ranks.size >= MAX_RANKS) this.#ranks.clear();
    this.#ranks.set(JSON.stringify(key), ranked);
    return ranked;
  }

  /** Variants that have these fields: the short ones, unless one of the fields can be long. */
  #variantsFor(fields: ReadonlySet<string>): readonly Finding[] {
    return this.meta.longFields.some((field) => fields.has(field)) ? this.#loadVariants('full') : this.briefs;
  }

  #loadVariants(column: 'brief' | 'full'): Finding[] {
    const rows = this.#db.prepare(`SELECT ${column} AS json FROM variants ORDER BY id`).all() as {
      json: string;
    }[]; // of that query
    return rows.map(({ json }): Finding => JSON.parse(json));
  }

  #fullVariant(id: number): Finding {
    const known = this.#full.get(id);
    if (known) return known;
    const row = this.#statement('SELECT full FROM variants WHERE id = ?').get(id) as
      | { full: string }
      | undefined; // of that query
    if (!row) throw new NmcpError('internal', `The index has no variant ${id}`);
    const finding: Finding = JSON.parse(row.full);
    if (this.#full.size >= MAX_FULL_VARIANTS) this.#full.clear();
    this.#full.set(id, finding);
    return finding;
  }

  #output(row: number): string | null {
    const outputRow = Math.floor(row / OUTPUTS_A_ROW);
    if (this.#outputs?.row !== outputRow) {
      const found = this.#statement('SELECT data FROM outputs WHERE id = ?').get(outputRow) as
        | { data: string }
        | undefined; // of that query
      this.#outputs = { row: outputRow, values: found ? JSON.parse(found.data) : [] };
    }
    return this.#outputs.values[row % OUTPUTS_A_ROW] ?? null;
  }

  #statement(sql: string): Database.Statement {
    const known = this.#statements.get(sql) ?? this.#db.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #metaOf<T>(key: string): T {
    const value = this.stored<T>(key);
    if (value === undefined) throw new Error(`The index has no ${key}`);
    return value;
  }

  #column(name: string): Uint32Array {
    const row = this.#statement('SELECT data FROM columns WHERE name = ?').get(name) as
      | { data: Buffer }
      | undefined; // of that query
    if (!row) throw new Error(`The index has no column ${name}`);
    const copy = new Uint8Array(row.data); // aligned
    return new Uint32Array(copy.buffer, 0, copy.length / 4);
  }
}

function flags<T>(items: readonly T[], test: (item: T) => boolean): Uint8Array {
  return Uint8Array.from(items, (item) => (test(item) ? 1 : 0));
}
