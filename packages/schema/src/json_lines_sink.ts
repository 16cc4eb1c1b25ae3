import { ByteShelf } from './byte_shelf.ts';
import type { Finding } from './finding.ts';
import { differsByHost, type HostFacts } from './host_facts.ts';
import { jsonText } from './json_text.ts';
import type { NessusPart } from './nessus_handler.ts';
import { type Projection, project } from './profiles.ts';
import type { HostSink } from './whole_hosts.ts';
import { withFacts } from './with_facts.ts';

/**
 * A finding's line with gaps: bytes; where host and output go; and under the name of one of the host's fields where that goes,
 * with the comma before it, or all of them.
 */
export type LineTemplate = readonly (Uint8Array | string)[];

const HOST = 'host';
const OUTPUT = 'plugin_output';
const ALL_FACTS = '';
const encoder = new TextEncoder();

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
  readonly #factBytes = new Map<string, Uint8Array>();

  constructor(projection: Projection) {
    this.#projection = projection;
  }

  /** Bytes of the lines that were not taken. */
  get length(): number {
    return this.#length;
  }

  /** The lines since the last call, each ended by `\n`. They are the caller's. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  part(_part: NessusPart): void {}

  hostFacts(facts: HostFacts): void {
    this.#facts = facts;
    this.#factBytes.clear();
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
    for (const piece of template) {
      if (piece === OUTPUT) this.#writeText(jsonText(output ?? ''));
      else if (piece === HOST) this.#writeBytes(this.#hostJson);
      else this.#writeBytes(typeof piece === 'string' ? this.#factsAs(piece) : piece);
    }
  }

  /** Members of the host's fields, each with a comma before it. */
  #factsAs(field: string): Uint8Array {
    const known = this.#factBytes.get(field);
    if (known) return known;
    const facts = Object.entries(this.#facts ?? {}).filter(([name]) => field === ALL_FACTS || name === field);
    const bytes = encoder.encode(
      facts.map(([name, value]) => `,${JSON.stringify(name)}:${JSON.stringify(value)}`).join(''),
    );
    this.#factBytes.set(field, bytes);
    return bytes;
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
  const pieces: (Uint8Array | string)[] = [];
  let from = 0;
  for (const gap of gaps) {
    const name = `,"${gap}":`;
    const at = json.indexOf(`${name}""`, from);
    if (at < 0) continue;
    const isValue = gap === HOST || gap === OUTPUT;
    pieces.push(shelf.add(json.slice(from, isValue ? at + name.length : at)), gap);
    from = at + name.length + 2;
  }
  if (fields === undefined) {
    pieces.push(shelf.add(json.slice(from, -1)), ALL_FACTS);
    from = json.length - 1;
  }
  pieces.push(shelf.add(`${json.slice(from)}\n`));
  return pieces;
}
