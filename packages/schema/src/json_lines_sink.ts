import type { Finding } from './finding.ts';
import type { HostFacts } from './host_facts.ts';
import type { NessusPart } from './nessus_handler.ts';
import { type Projection, project } from './profiles.ts';
import { withFacts } from './read_nessus.ts';
import { differsByHost } from './variant_memo.ts';
import type { HostSink } from './whole_hosts.ts';

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
  /** Absent where a line has all fields, which are not the same for all findings. */
  readonly #segments: Segments | undefined;
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  #length = 0;
  #host: string | undefined;
  #hostJson: Uint8Array = new Uint8Array(0);
  #facts: HostFacts | undefined;
  readonly #factBytes = new Map<string, Uint8Array>();

  constructor(projection: Projection) {
    this.#projection = projection;
    this.#segments = projection.fields && segmentsOf(projection.fields);
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
    return lineTemplate(
      finding,
      this.#segments ?? segmentsOf(Object.keys(finding)),
      this.#segments === undefined,
    );
  }

  known(template: LineTemplate, host: string, output: string | undefined): void {
    if (host !== this.#host) {
      this.#host = host;
      this.#hostJson = encoder.encode(JSON.stringify(host));
    }
    for (const piece of template) {
      if (piece === OUTPUT) this.#writeText(JSON.stringify(output));
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

/** A line's fields: in a list those that follow each other and are the same on all hosts, by itself one that differs. */
type Segments = readonly (string | readonly string[])[];

function segmentsOf(fields: readonly string[]): Segments {
  const segments: (string | string[])[] = [];
  let same = ['type'];
  for (const field of fields) {
    if (!differsByHost(field)) same.push(field);
    else {
      segments.push(same, field);
      same = [];
    }
  }
  return [...segments, same];
}

/** The line of a finding, cut where its like on another host differs. */
function lineTemplate(finding: Finding, segments: Segments, takesAllFacts: boolean): LineTemplate {
  const pieces: (Uint8Array | string)[] = [];
  let literal = '';
  const gap = (piece: string): void => {
    if (literal !== '') pieces.push(encoder.encode(literal));
    pieces.push(piece);
    literal = '';
  };
  for (const segment of segments) {
    if (typeof segment !== 'string') {
      const members = JSON.stringify(finding, [...segment]).slice(1, -1);
      if (members !== '') literal += `${literal === '' && pieces.length === 0 ? '{' : ','}${members}`;
    } else if (segment !== HOST && segment !== OUTPUT) gap(segment);
    else if (finding[segment] !== undefined) {
      literal += `,"${segment}":`;
      gap(segment);
    }
  }
  if (takesAllFacts) gap(ALL_FACTS);
  pieces.push(encoder.encode(`${literal}}\n`));
  return pieces;
}
