import { hash } from 'node:crypto';
import {
  type FieldValue,
  type Finding,
  type Host,
  hostFacts,
  isSuspicious,
  jsonText,
  kindOf,
  knownFinding,
  LoginNotes,
  type NessusPart,
  type NessusSink,
  ScanTimes,
  type ScanValidator,
  saysOfLogin,
} from '@nmcp/schema';
import type Database from 'libsql';
import { GrowingColumn } from './growing_column.ts';
import { BRIEF_LENGTH, type IndexMeta, LAYOUT_VERSION, OUTPUTS_A_ROW, SOLUTION_LENGTH } from './layout.ts';
import { SeveralFindings } from './several_findings.ts';

interface Variant {
  id: number;
  severity: string | null;
  /** Number of its kind: what it is beside its host, see `kindOf`. */
  kind: number;
  count: number;
  /** The finding without its host and output, where that says whether a login worked. */
  ofLogin: Finding | undefined;
  /** A text that is the same in all of its findings addresses an assistant. */
  isSuspicious: boolean;
}

/** Writes a document's findings into the tables of an index, and counts them for a validator. */
export class IndexSink implements NessusSink<Variant> {
  readonly #db: Database.Database;
  readonly #validator: ScanValidator;
  readonly #variants: Variant[] = [];
  /** Those of findings that came whole, by hashes of them: the reader does not know which of these are alike. */
  readonly #byHash = new Map<string, Variant>();
  readonly #briefs: Finding[] = [];
  readonly #hostIds = new Map<string, number>();
  readonly #hostRuns = new GrowingColumn();
  readonly #variantColumn = new GrowingColumn();
  readonly #suspicious = new GrowingColumn();
  readonly #kinds = new Map<string, number>();
  readonly #several = new SeveralFindings();
  readonly #fields = new Set<string>();
  readonly #longFields = new Set<string>();
  readonly #insertVariants: Database.Statement;
  readonly #insertHost: Database.Statement;
  readonly #insertOutputs: Database.Statement;
  /** Rows of variants that were not written yet. */
  #variantRows: (number | string)[] = [];
  /** The number of the finding that the current run of a host's begins with. */
  #runStart = 0;
  /** The host whose findings are being read. */
  #current: { id: number; host: Host; login: LoginNotes } | undefined;
  #outputs: (string | null)[] = [];
  #outputRows = 0;
  #scanName = 'Unknown';
  #policyName: string | undefined;
  #portRange: string | undefined;
  readonly #pluginSet = new GrowingColumn();
  #hosts = 0;
  readonly #times = new ScanTimes();

  constructor(db: Database.Database, validator: ScanValidator) {
    this.#db = db;
    this.#validator = validator;
    this.#insertVariants = db.prepare(insertOfVariants(VARIANTS_AT_ONCE));
    this.#insertHost = db.prepare('INSERT OR REPLACE INTO hosts VALUES (?, ?, ?, ?)');
    this.#insertOutputs = db.prepare('INSERT INTO outputs VALUES (?, ?)');
  }

  part(part: NessusPart): void {
    if (part.type === 'report') this.#scanName = part.name;
    else if (part.type === 'policy') {
      this.#policyName = part.name;
      this.#validator.add(part);
    } else {
      this.#validator.add(part);
      this.#hosts++;
      this.#times.add(part.host);
      this.#writeHost();
      const { host } = part;
      const id = this.#hostIds.get(host.name) ?? this.#hostIds.size;
      this.#hostIds.set(host.name, id);
      this.#several.nextHost();
      this.#current = { id, host, login: new LoginNotes() };
      this.#current.login.addHost(host);
    }
  }

  /** A host is written when its findings were read: they say whether the login worked. */
  #writeHost(): void {
    if (!this.#current) return;
    const { id, host, login } = this.#current;
    const facts = hostFacts(host, login);
    for (const field in facts) this.#fields.add(field);
    this.#insertHost.run(id, host.name, JSON.stringify(host.properties), JSON.stringify(facts));
    this.#hostRuns.push(id);
    this.#hostRuns.push(this.#variantColumn.length - this.#runStart);
    this.#runStart = this.#variantColumn.length;
  }

  setting(name: string, value: string): void {
    if (name === 'port_range') this.#portRange = value.trim();
    else if (name === 'plugin_set') addNumbers(value, this.#pluginSet);
  }

  finding(finding: Finding): void {
    const output = typeof finding.plugin_output === 'string' ? finding.plugin_output : undefined;
    const bare = bareOf(finding);
    const full = JSON.stringify(bare);
    const key = hash('sha1', full, 'base64');
    const variant = this.#byHash.get(key) ?? this.#add(bare, full);
    this.#byHash.set(key, variant);
    this.known(variant, finding.host, output);
  }

  prepare(finding: Finding): Variant {
    const bare = bareOf(finding);
    return this.#add(bare, JSON.stringify(bare));
  }

  #add(bare: Finding, full: string): Variant {
    const variant: Variant = {
      id: this.#variants.length,
      severity: bare.severity,
      kind: this.#kindOf(bare),
      count: 0,
      ofLogin: saysOfLogin(bare.plugin_id) ? bare : undefined,
      isSuspicious: hasSuspiciousText(bare),
    };
    this.#variants.push(variant);
    const brief = this.#briefOf(bare);
    this.#briefs.push(brief);
    this.#variantRows.push(variant.id, JSON.stringify(brief), full);
    if (this.#variantRows.length === VARIANTS_AT_ONCE * 3) {
      this.#insertVariants.run(...this.#variantRows);
      this.#variantRows = [];
    }
    return variant;
  }

  #flushVariants(): void {
    const rows = this.#variantRows;
    if (rows.length > 0) this.#db.prepare(insertOfVariants(rows.length / 3)).run(...rows);
    this.#variantRows = [];
  }

  known(variant: Variant, host: string, output: string | undefined): void {
    if (variant.isSuspicious || (output !== undefined && isSuspicious(output)))
      this.#suspicious.push(this.#variantColumn.length);
    this.#several.add(variant.kind, this.#variantColumn.length, output);
    this.#variantColumn.push(variant.id);
    this.#outputs.push(output ?? null);
    if (this.#outputs.length === OUTPUTS_A_ROW) this.#flushOutputs();
    const { ofLogin } = variant;
    if (ofLogin) {
      this.#current?.login.add(ofLogin.plugin_id, output);
      this.#validator.add({ type: 'finding', finding: knownFinding(ofLogin, host, output) });
    } else variant.count++;
  }

  /** Short fields of the variants, so that they need not be read again. */
  get briefs(): readonly Finding[] {
    return this.#briefs;
  }

  /** Writes what is known only at the end. */
  finish(sourceBytes: number): IndexMeta {
    this.#flushVariants();
    this.#flushOutputs();
    this.#writeHost();
    for (const { severity, count } of this.#variants) this.#validator.count(severity, count);
    const meta: IndexMeta = {
      version: LAYOUT_VERSION,
      sourceBytes,
      scanName: this.#scanName,
      ...(this.#policyName === undefined ? {} : { policyName: this.#policyName }),
      ...(this.#portRange === undefined ? {} : { portRange: this.#portRange }),
      hosts: this.#hosts,
      ...this.#times.result(),
      findings: this.#variantColumn.length,
      fields: [...this.#fields, ...(this.#suspicious.length > 0 ? ['suspicious_text'] : [])],
      longFields: [...this.#longFields],
    };
    const insertColumn = this.#db.prepare('INSERT INTO columns VALUES (?, ?)');
    insertColumn.run('host_runs', bytesOf(this.#hostRuns.values()));
    insertColumn.run('variant', bytesOf(this.#variantColumn.values()));
    insertColumn.run('plugin_set', bytesOf(this.#pluginSet.values()));
    insertColumn.run('several', bytesOf(this.#several.rows.values()));
    insertColumn.run('several_hash', bytesOf(this.#several.hashes.values()));
    insertColumn.run('suspicious', bytesOf(this.#suspicious.values()));
    return meta;
  }

  #kindOf(finding: Finding): number {
    const name = kindOf(finding);
    const known = this.#kinds.get(name) ?? this.#kinds.size;
    this.#kinds.set(name, known);
    return known;
  }

  /** A copy without what is long or the host's: filling an empty object field by field would make a dictionary of it to V8. */
  #briefOf(finding: Finding): Finding {
    const brief: { [field: string]: FieldValue | undefined } = { ...finding };
    for (const field in finding) {
      this.#fields.add(field);
      const isLeftOut = field === 'host' || field === 'plugin_output' || field === 'type';
      if (isLeftOut || this.#isLong(field, finding[field])) brief[field] = undefined;
    }
    return brief as Finding; // as the index reads it: what is too long is looked up in full
  }

  #isLong(field: string, value: FieldValue | undefined): boolean {
    const length =
      typeof value === 'string' ? value.length : Array.isArray(value) ? value.join('').length : 0;
    const isLong = length > (field === 'solution' ? SOLUTION_LENGTH : BRIEF_LENGTH);
    if (isLong) this.#longFields.add(field);
    return isLong;
  }

  #flushOutputs(): void {
    if (this.#outputs.length === 0) return;
    const texts = this.#outputs.map((output) => (output === null ? 'null' : jsonText(output)));
    this.#insertOutputs.run(this.#outputRows++, `[${texts.join()}]`);
    this.#outputs = [];
  }
}

/** Variants that a statement inserts: one by one would take half as long again. */
const VARIANTS_AT_ONCE = 16;

function insertOfVariants(count: number): string {
  return `INSERT INTO variants VALUES ${Array.from({ length: count }, () => '(?, ?, ?)').join()}`;
}

/** Adds the numbers of a list such as `10;11;12`, of which a scan has hundreds of thousands. */
function addNumbers(list: string, column: GrowingColumn): void {
  let number = -1;
  for (let i = 0; i <= list.length; i++) {
    const digit = i < list.length ? list.charCodeAt(i) - 48 : -1;
    if (digit >= 0 && digit <= 9) number = Math.max(number, 0) * 10 + digit;
    else if (number >= 0) {
      column.push(number);
      number = -1;
    }
  }
}

/** What findings have in common wherever the same is found. */
function bareOf(finding: Finding): Finding {
  const bare: Finding = { ...finding, host: '' };
  if (typeof finding.plugin_output === 'string') bare.plugin_output = '';
  return bare;
}

/** Characters below which a text is too short to say something. */
const LEAST_TEXT = 10;

function hasSuspiciousText(finding: Finding): boolean {
  for (const field in finding) {
    const value = finding[field];
    if (
      typeof value === 'string' ? value.length >= LEAST_TEXT && isSuspicious(value) : isSuspiciousList(value)
    )
      return true;
  }
  return false;
}

function isSuspiciousList(value: FieldValue | undefined): boolean {
  return Array.isArray(value) && value.some((each) => typeof each === 'string' && isSuspicious(each));
}

function bytesOf(values: Uint32Array<ArrayBuffer>): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
