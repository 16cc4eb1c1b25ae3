import { ByteShelf } from './byte_shelf.ts';
import type { Finding } from './finding.ts';
import { differsByHost, type HostFacts } from './host_facts.ts';
import { jsonText } from './json_text.ts';
import type { NessusPart } from './nessus_handler.ts';
import { type Projection, project } from './profiles.ts';
import type { HostSink } from './whole_hosts.ts';
import { withFacts } from './with_facts.ts';

/**
 * A finding's line with gaps: pieces, and what comes behind each: host, output, one of the host's fields with the comma before it, all of
 * them, or the line's end. Lists of gaps and short pieces are shared: of few objects more are still in the processor's cache.
 */
export interface LineTemplate {
  pieces: readonly Uint8Array[];
  gaps: readonly string[];
}

const HOST = 'host';
const OUTPUT = 'plugin_output';
const ALL_FACTS = '';
const LINE_END = '\n';
const NOTHING = new Uint8Array(0);
const MAX_GAP_LISTS = 1000;
const encoder = new TextEncoder();

/** Lengths of buffers are multiples of it: those of any length leave gaps when they are freed, and memory grew by a tenth over a gigabyte. */
const GRAIN = 65_536;
/** Bytes that {@linkcode JsonLinesSink} begins with; it grows as a line needs it. */
const FIRST_CAPACITY = 1 << 16;

/** Gathers findings as lines of JSON in UTF-8. What repeats from host to host is encoded once and copied. */
export class JsonLinesSink implements HostSink<LineTemplate> {
  readonly #projection: Projection;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  #length = 0;
  #host: string | undefined;
  #hostJson: Uint8Array = new Uint8Array(0);
  #facts: HostFacts | undefined;
  readonly #shelf = new ByteShelf();
  /** Members of the host's fields, each with a comma before it, by name. */
  readonly #factBytes = new Map<string, Uint8Array>();

  constructor(projection: Projection) {
    this.#projection = projection;
  }

  /** Bytes of the lines that were not taken. */
  get length(): number {
    return this.#length;
  }

  /** The lines since the last call, each ended by `\n`. They are the caller's; the buffer that they begin can be longer. */
  take(): Uint8Array<ArrayBuffer> {
    const length = this.#length;
    this.#length = 0;
    const room = length < GRAIN ? length : Math.ceil(length / GRAIN) * GRAIN;
    return this.#bytes.slice(0, room).subarray(0, length);
  }

  part(_part: NessusPart): void {}

  hostFacts(facts: HostFacts): void {
    this.#facts = facts;
    this.#factBytes.clear();
    let all = '';
    for (const [name, value] of Object.entries(facts)) {
      const member = `,${JSON.stringify(name)}:${JSON.stringify(value)}`;
      all += member;
      if (this.#projection.fields) this.#factBytes.set(name, encoder.encode(member));
    }
    this.#factBytes.set(ALL_FACTS, encoder.encode(all));
  }

  finding(finding: Finding): void {
    const whole = withFacts(finding, this.#facts);
    this.#writeText(`${JSON.stringify(project(whole, this.#projection.fields))}\n`);
  }

  prepare(finding: Finding): LineTemplate {
    return lineTemplate(finding, this.#projection.fields, this.#shelf);
  }

  known(template: LineTemplate, host: string, output: string | undefined): void {
    if (host !== this.#host) {
      this.#host = host;
      this.#hostJson = encoder.encode(JSON.stringify(host));
    }
    const { pieces, gaps } = template;
    for (let index = 0; index < pieces.length; index++) {
      const gap = gaps[index];
      this.#writeBytes(pieces[index] ?? NOTHING);
      if (gap === OUTPUT) this.#writeText(jsonText(output ?? ''));
      else if (gap === HOST) this.#writeBytes(this.#hostJson);
      else if (gap !== undefined && gap !== LINE_END) this.#writeBytes(this.#factBytes.get(gap) ?? NOTHING);
    }
  }

  #writeBytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #writeText(text: string): void {
    this.#reserve(text.length * 3); // the most that UTF-8 takes for a UTF-16 unit
    this.#length += encoder.encodeInto(text, this.#bytes.subarray(this.#length)).written;
  }

  #reserve(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/**
 * The line of a finding, cut where its like on another host differs; a field of the host has its comma and name with it. What is left
 * open is found by its name: within a text its quotes would have backslashes.
 */
function lineTemplate(
  finding: Finding,
  fields: readonly string[] | undefined,
  shelf: ByteShelf,
): LineTemplate {
  const gaps = fields?.filter(differsByHost) ?? [HOST, OUTPUT];
  const open: Finding = { ...finding };
  for (const gap of gaps) if (gap in open || gap !== OUTPUT) open[gap] = '';
  const json = JSON.stringify(project(open, fields));
  const pieces: Uint8Array[] = [];
  const found: string[] = [];
  let from = 0;
  for (const gap of gaps) {
    const name = `,"${gap}":`;
    const at = json.indexOf(`${name}""`, from);
    if (at < 0) continue;
    const isValue = gap === HOST || gap === OUTPUT;
    pieces.push(shelf.add(json.slice(from, isValue ? at + name.length : at)));
    found.push(gap);
    from = at + name.length + 2;
  }
  if (fields === undefined) {
    pieces.push(shelf.add(json.slice(from, -1)));
    found.push(ALL_FACTS);
    from = json.length - 1;
  }
  pieces.push(shelf.add(`${json.slice(from)}\n`));
  found.push(LINE_END);
  return { pieces, gaps: sharedGaps(found) };
}

const gapLists = new Map<string, readonly string[]>();

/** The same list for the same gaps: there are a few for each set of fields that was asked for. */
function sharedGaps(gaps: readonly string[]): readonly string[] {
  const name = gaps.join();
  const known = gapLists.get(name);
  if (known) return known;
  if (gapLists.size < MAX_GAP_LISTS) gapLists.set(name, gaps);
  return gaps;
}
