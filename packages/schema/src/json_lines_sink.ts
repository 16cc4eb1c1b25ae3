import type { Finding } from './finding.ts';
import type { NessusPart, NessusSink } from './nessus_handler.ts';
import { type Projection, project } from './profiles.ts';

/** A finding's line with gaps: bytes, and where host and output go. */
export type LineTemplate = readonly (Uint8Array | typeof HOST | typeof OUTPUT)[];

const HOST = 0;
const OUTPUT = 1;
const encoder = new TextEncoder();

/** Bytes that {@linkcode JsonLinesSink} begins with; it grows as a line needs it. */
const FIRST_CAPACITY = 1 << 16;

/** Gathers findings as lines of JSON in UTF-8. What repeats from host to host is encoded once and copied. */
export class JsonLinesSink implements NessusSink<LineTemplate> {
  readonly #projection: Projection;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  #length = 0;
  #host: string | undefined;
  #hostJson: Uint8Array = new Uint8Array(0);

  constructor(projection: Projection) {
    this.#projection = projection;
  }

  /** The lines since the last call, each ended by `\n`. They are the caller's. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  part(_part: NessusPart): void {}

  finding(finding: Finding): void {
    this.#writeText(`${JSON.stringify(project(finding, this.#projection.fields))}\n`);
  }

  prepare(finding: Finding): LineTemplate {
    return lineTemplate(finding, this.#projection);
  }

  known(template: LineTemplate, host: string, output: string | undefined): void {
    if (host !== this.#host) {
      this.#host = host;
      this.#hostJson = encoder.encode(JSON.stringify(host));
    }
    for (const piece of template) {
      if (piece === OUTPUT) this.#writeText(JSON.stringify(output));
      else this.#writeBytes(piece === HOST ? this.#hostJson : piece);
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

/** Field names as they begin a member of a JSON object. */
const memberStarts = new Map<string, string>();

function memberStart(field: string): string {
  const known = memberStarts.get(field);
  if (known !== undefined) return known;
  const made = `${JSON.stringify(field)}:`;
  if (memberStarts.size < 1000) memberStarts.set(field, made); // the names come from documents
  return made;
}

/** The line of a finding, cut where its like on another host differs. */
function lineTemplate(finding: Finding, projection: Projection): LineTemplate {
  const pieces: (Uint8Array | typeof HOST | typeof OUTPUT)[] = [];
  const projected = project(finding, projection.fields);
  let literal = '';
  let separator = '{';
  for (const field in projected) {
    literal += separator + memberStart(field);
    separator = ',';
    if (field === 'host' || field === 'plugin_output') {
      pieces.push(encoder.encode(literal), field === 'host' ? HOST : OUTPUT);
      literal = '';
    } else literal += JSON.stringify(projected[field]);
  }
  pieces.push(encoder.encode(`${literal}}\n`));
  return pieces;
}
