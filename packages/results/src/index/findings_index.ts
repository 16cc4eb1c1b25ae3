import { lstatSync, statSync } from 'node:fs';
import {
  assertFields,
  compareSortValues,
  compileFilters,
  type FieldValue,
  type Finding,
  type Host,
  type HostFacts,
  isHostField,
  knownFinding,
  type ScanValidation,
  type SortKey,
  sortValue,
} from '@nmcp/schema';
import { type Filters, NmcpError } from '@nmcp/types';
import Database from 'libsql';
import { type IndexMeta, LAYOUT_VERSION, OUTPUTS_A_ROW } from './layout.ts';
import { joinKeys, type RankedKey, rankBy, windowOf } from './rank.ts';
import { selectRows } from './select_rows.ts';

/** Findings that match filters: their numbers in the file's order. */
export interface Selection {
  rows: Uint32Array;
  keys: readonly RankedKey[];
}

const MAX_SELECTIONS = 6;
const MAX_RANKS = 32;
const MAX_FULL_VARIANTS = 500;
const ROWS_A_TEXT = 1000;

/** An opened findings.db: counts and pages of a million findings without reading their texts. */
export class FindingsIndex implements Disposable {
  readonly meta: IndexMeta;
  /** What reading the file determined about the scan. */
  readonly validation: ScanValidation;
  readonly hostNames: readonly string[];
  /** For each finding, its host. */
  readonly hosts: Uint32Array;
  /** Where runs of findings begin that are of one host. */
  readonly runStarts: Uint32Array;
  /** For each finding, its variant. */
  readonly variants: Uint32Array;
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  #briefs: readonly Finding[] | undefined;
  #severities: Uint8Array | undefined;
  #facts: HostFacts[] | undefined;
  #suspicious: Set<number> | undefined;
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

  /** @internal Reads an index that is being written, all but the short fields of its variants. */
  static of(db: Database.Database, briefs: readonly Finding[]): FindingsIndex {
    const index = new FindingsIndex(db);
    index.#briefs = briefs;
    return index;
  }

  private constructor(db: Database.Database) {
    this.#db = db;
    this.meta = this.#metaOf('scan');
    this.validation = this.#metaOf('validation');
    const runs = this.#column('host_runs');
    this.hosts = unfolded(runs, this.meta.findings);
    this.runStarts = startsOf(runs);
    this.variants = this.#column('variant');
    if (this.variants.length !== this.meta.findings) throw new Error('The columns are not whole');
    this.hostNames = this.#list('json_quote(name)', 'hosts');
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
    this.#briefs ??= this.#list<Finding>('brief', 'variants');
    return this.#briefs;
  }

  /** Each variant's severity, 0 to 4; 0 for what is none. */
  get severities(): Uint8Array {
    this.#severities ??= Uint8Array.from(this.briefs, severityOf);
    return this.#severities;
  }

  /** Each host's fields. */
  get facts(): readonly HostFacts[] {
    this.#facts ??= this.#list<HostFacts>('facts', 'hosts');
    return this.#facts;
  }

  /** Each host's HostProperties. */
  hostProperties(): readonly Host['properties'][] {
    return this.#list('properties', 'hosts');
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
    const compiled = compileFilters(filters);
    assertFields(compiled.fields, new Set(this.meta.fields), 'filters');
    const selection = {
      rows: selectRows(this, compiled),
      keys: joinKeys(sort.map((each) => this.#rank(each))),
    };
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
    const host = this.hosts[row] ?? 0;
    const output = this.output(row) ?? undefined;
    const finding = knownFinding(variant, this.hostNames[host] ?? '', output, this.facts[host]);
    return this.suspicious.has(row) ? { ...finding, suspicious_text: true } : finding;
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
    const isHost = isHostField(field);
    const values = isHost
      ? this.valuesOfHosts(field).map(sortValue)
      : this.variantsFor(new Set([field])).map((variant) => sortValue(variant[field]));
    const ranks = rankBy(values.length, (a, b) => compareSortValues(values[a], values[b], descending));
    const ranked = { column: isHost ? this.hosts : this.variants, ranks };
    if (this.#ranks.size >= MAX_RANKS) this.#ranks.clear();
    this.#ranks.set(JSON.stringify(key), ranked);
    return ranked;
  }

  /** A field of each host; see `HOST_FIELDS`. */
  valuesOfHosts(field: string): readonly (FieldValue | undefined)[] {
    return field === 'host' ? this.hostNames : this.facts.map((facts) => facts[field]);
  }

  /** Variants that have these fields: the short ones, unless one of the fields can be long. */
  variantsFor(fields: ReadonlySet<string>): readonly Finding[] {
    return this.meta.longFields.some((field) => fields.has(field))
      ? this.#list('full', 'variants')
      : this.briefs;
  }

  /** JSON of each row of a table, read as a text of many rows, which takes half as long as row by row. */
  #list<T>(column: string, table: 'hosts' | 'variants'): T[] {
    const some = this.#db.prepare(
      `SELECT '[' || group_concat(json) || ']' AS json FROM (SELECT ${column} AS json FROM ${table} WHERE id >= ? ORDER BY id LIMIT ${ROWS_A_TEXT})`,
    );
    const list: T[] = [];
    for (;;) {
      const { json } = some.get(list.length) as { json: string | null }; // of that query
      if (json === null) return list;
      for (const item of JSON.parse(json)) list.push(item);
    }
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

  /** Findings with a text that addresses an assistant: their numbers, ascending. */
  get suspicious(): ReadonlySet<number> {
    this.#suspicious ??= new Set(this.#column('suspicious'));
    return this.#suspicious;
  }

  /** Findings that their host has several of, with a hash of what they say. */
  get several(): ReadonlyMap<number, number> {
    const hashes = this.#column('several_hash');
    return new Map(Array.from(this.#column('several'), (row, index) => [row, hashes[index] ?? 0]));
  }

  /** Plugins that the scan was set to run; empty where the report does not say. */
  get pluginSet(): ReadonlySet<number> {
    return new Set(this.#column('plugin_set'));
  }

  /** A finding's plugin_output. */
  output(row: number): string | null {
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

/** For each finding its host, from how many findings of which host follow each other. */
function unfolded(runs: Uint32Array, findings: number): Uint32Array {
  const hosts = new Uint32Array(findings);
  let at = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const end = at + (runs[i + 1] ?? 0);
    hosts.fill(runs[i] ?? 0, at, end);
    at = end;
  }
  if (at !== findings) throw new Error('The columns are not whole');
  return hosts;
}

/** Where the runs begin; those without findings are none. */
function startsOf(runs: Uint32Array): Uint32Array {
  const starts: number[] = [];
  let at = 0;
  for (let i = 1; i < runs.length; i += 2) {
    const length = runs[i] ?? 0;
    if (length > 0) starts.push(at);
    at += length;
  }
  return Uint32Array.from(starts);
}

function severityOf({ severity: given }: Finding): number {
  const severity = Number(given ?? 0);
  return severity >= 0 && severity <= 4 ? severity : 0;
}
