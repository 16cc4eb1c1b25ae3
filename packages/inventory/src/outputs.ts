import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { shorten } from '@nmcp/schema';

/** Characters of what one finding said; the rest is cut, with a mark. Together they are at most 64 k. */
export const MOST_OUTPUT = 65_500;
/** Characters of what all findings of an asset said: of a host that says more, the last ones are cut. */
const MOST_OF_ASSET = 1 << 21;

/** What findings of an asset said, by the numbers of their kinds; bytes are UTF-8. */
export type Outputs = ReadonlyMap<number, string | Uint8Array>;
/** {@linkcode Outputs} that were stored. */
export type StoredTexts = ReadonlyMap<number, Uint8Array>;

/** What a plugin says of one port in several findings, as one text; empty for nothing. */
export function bothOutputs(said: string, more: string): string {
  if (more === '' || more === said || said.length > MOST_OUTPUT) return said;
  return said === '' ? more : `${said}\n\n${more}`;
}

/**
 * Outputs in place of those that were stored: deflated; empty where there are none.
 *
 * @returns `undefined` where they are the same
 */
export function replacedOutputs(
  before: Uint8Array | undefined,
  after: (known: StoredTexts) => Outputs,
): Uint8Array | undefined {
  const known = inflated(before);
  const now = written(after(textsIn(known)));
  if (now.equals(known)) return undefined;
  return now.length === 0 ? NONE : deflated(now);
}

/** The outputs of {@linkcode replacedOutputs}. */
export function unpackOutputs(bytes: Uint8Array | undefined): StoredTexts {
  return textsIn(inflated(bytes));
}

const NONE = Buffer.alloc(0);

/** Bytes before what is deflated: how many it is inflated. */
const LENGTH = 4;

/** A window of 8 kB is made in half the time of the usual one, and the texts of most assets are hardly longer. */
function deflated(bytes: Buffer): Buffer {
  const chunkSize = Math.max(1024, bytes.length >> 1); // not 16 kB, which would stay in memory with what is in it
  const packed = deflateRawSync(bytes, { level: 1, windowBits: 13, memLevel: 6, chunkSize });
  const whole = Buffer.allocUnsafeSlow(LENGTH + packed.length);
  whole.writeUInt32LE(bytes.length);
  packed.copy(whole, LENGTH);
  return whole;
}

function inflated(bytes: Uint8Array | undefined): Buffer {
  if (bytes === undefined || bytes.length === 0) return NONE;
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunkSize = packed.readUInt32LE() + 64; // room for all of it
  return inflateRawSync(packed.subarray(LENGTH), { chunkSize });
}

/** Bytes of the number of a kind, and of the length of its text, before each text. */
const HEAD = 8;

function textsIn(bytes: Buffer): Map<number, Uint8Array> {
  const texts = new Map<number, Uint8Array>();
  for (let at = 0; at < bytes.length; ) {
    const start = at + HEAD;
    const end = start + bytes.readUInt32LE(at + 4);
    texts.set(bytes.readUInt32LE(at), bytes.subarray(start, end));
    at = end;
  }
  return texts;
}

let scratch = Buffer.allocUnsafe(1 << 16);

/** The outputs one behind the other, as bytes that hold until the next call. */
function written(outputs: Outputs): Buffer {
  let [at, left] = [0, MOST_OF_ASSET];
  for (const [kind, output] of outputs) {
    const text = output.length > left ? shorten(textOf(output), left) : output;
    left = Math.max(0, left - text.length);
    const start = at + HEAD;
    makeRoom(start + text.length * 3);
    let end = start + text.length;
    if (typeof text === 'string') end = start + scratch.write(text, start);
    else scratch.set(text, start);
    scratch.writeUInt32LE(kind, at);
    scratch.writeUInt32LE(end - start, at + 4);
    at = end;
  }
  return scratch.subarray(0, at);
}

function makeRoom(bytes: number): void {
  if (bytes <= scratch.length) return;
  const larger = Buffer.allocUnsafe(2 * bytes);
  scratch.copy(larger);
  scratch = larger;
}

/** An output as text. */
export function textOf(output: string | Uint8Array): string {
  return typeof output === 'string'
    ? output
    : Buffer.from(output.buffer, output.byteOffset, output.byteLength).toString();
}
