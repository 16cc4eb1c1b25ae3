import { joinBytes } from '../join_bytes.ts';
import { DocumentError } from './document_error.ts';

/**
 * Bytes as they come: a web stream, a Node stream, or any async or sync sequence of chunks. A chunk is done with when the next is asked
 * for, so that a source may fill it anew.
 */
export type ByteSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A piece of text with what it was made from. */
export interface TextChunk {
  text: string;
  /** Where in the document a character of the text begins, in bytes from 0. */
  byteAt: (index: number) => number;
}

/** All are made here, so that they are of one kind to V8. */
function chunkOf(text: string, byteAt: TextChunk['byteAt']): TextChunk {
  return { text, byteAt };
}

/** A piece of a piece of text. */
export function partOf({ text, byteAt }: TextChunk, start: number, end?: number): TextChunk {
  return chunkOf(text.slice(start, end), (index) => byteAt(start + index));
}

/** Texts of this length are made at a time: longer ones cost more, since they miss the nursery of the collector. */
const PIECE_BYTES = 65_536;

/** Bytes that must be seen before the encoding is decided: a BOM and the start of an XML declaration. */
const SNIFF_BYTES = 128;

/**
 * Turns the bytes of an XML document into text: UTF-8 and UTF-16 by BOM or by the first `<`, else by the encoding that
 * the XML declaration names. Bytes that are no valid UTF-8 become U+FFFD, since scanners write what hosts sent.
 *
 * @throws {DocumentError} when the source is empty, compressed, or in an encoding that cannot be read.
 */
export async function* decodeBytes(source: ByteSource): AsyncGenerator<TextChunk> {
  let head: Uint8Array = new Uint8Array(0);
  let decoding: Decoding | undefined;
  for await (const chunk of source as AsyncIterable<Uint8Array>) {
    // `for await` takes all three kinds
    if (chunk.length === 0) continue;
    const bytes = decoding ? chunk : concat(head, chunk);
    if (!decoding && bytes.length < SNIFF_BYTES) {
      head = copyOf(bytes);
      continue;
    }
    decoding ??= detectEncoding(bytes);
    for (const piece of piecesOf(bytes)) yield decoding.decode(piece);
  }
  if (!decoding) {
    if (head.length === 0) throw new DocumentError('The document is empty', { offset: 0, line: 1 });
    decoding = detectEncoding(head); // a document shorter than the sniffed bytes comes here whole
    yield decoding.decode(head);
  }
  yield decoding.end();
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES)
    yield bytes.subarray(start, start + PIECE_BYTES);
}

/** Decodes one document. */
interface Decoding {
  decode(chunk: Uint8Array): TextChunk;
  end(): TextChunk;
}

/** By a decoder that keeps a state; `unit` is the number of bytes of almost every character. */
function streaming(label: string, unit: 1 | 2): Decoding {
  const decoder = new TextDecoder(label);
  let characters = 0;
  const next = (text: string): TextChunk => {
    const before = characters;
    characters += text.length;
    return chunkOf(text, (index) => (before + index) * unit);
  };
  return {
    decode: (chunk) => next(decoder.decode(chunk, { stream: true })),
    end: () => next(decoder.decode()),
  };
}

/**
 * UTF-8 by whole chunks, cut before a sequence that goes on in the next one: decoders are faster without a state of
 * their own (1.7 times in Node 20).
 */
function utf8(): Decoding {
  let decoder = new TextDecoder('utf-8'); // takes the BOM away
  let left: Uint8Array = new Uint8Array(0);
  let offset = 0;
  const next = (bytes: Uint8Array): TextChunk => {
    const [start, used] = [offset, decoder];
    offset += bytes.length;
    if (bytes.length > 0 && !decoder.ignoreBOM) decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    const text = used.decode(bytes);
    if (text.length === bytes.length) return chunkOf(text, (index) => start + index); // a byte each
    const kept = copyOf(bytes);
    return chunkOf(text, (index) => start + bytesBefore(kept, index, used.ignoreBOM));
  };
  return {
    decode(chunk) {
      const bytes = concat(left, chunk);
      const end = lastWhole(bytes);
      left = copyOf(bytes.subarray(end));
      return next(bytes.subarray(0, end));
    },
    end: () => next(left),
  };
}

/** Number of bytes before a character of their text. Bytes that are no UTF-8 became characters too, so they are decoded. */
function bytesBefore(bytes: Uint8Array, index: number, ignoreBOM: boolean): number {
  if (index === 0) return 0;
  const lengthOf = (count: number): number =>
    new TextDecoder('utf-8', { ignoreBOM }).decode(bytes.subarray(0, count)).length;
  let [low, high] = [0, bytes.length]; // a character that is cut counts as one, so the most bytes before it make no more than the index
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lengthOf(middle) <= index) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Index after the last UTF-8 sequence that is whole. */
function lastWhole(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue; // goes on what began before
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function detectEncoding(head: Uint8Array): Decoding {
  const [a = 0, b = 0, c = 0, d = 0] = head;
  if (a === 0x1f && b === 0x8b)
    throw new DocumentError('The document is gzip-compressed; decompress it first', { offset: 0, line: 1 });
  if (a === 0x50 && b === 0x4b && c === 3 && d === 4)
    throw new DocumentError('The document is a ZIP archive; unpack it first', { offset: 0, line: 1 });
  if ((a === 0xff && b === 0xfe) || (a === 0x3c && b === 0)) return streaming('utf-16le', 2);
  if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x3c)) return streaming('utf-16be', 2);
  const declaration = new TextDecoder('latin1').decode(head.subarray(0, SNIFF_BYTES));
  const label =
    /^(?:\u00ef\u00bb\u00bf)?<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(declaration)?.[1] ?? 'utf-8';
  // The bytes above are not UTF-16, whatever the declaration says.
  const name = /^utf-?16/i.test(label) ? 'utf-8' : label;
  try {
    return /^utf-?8$/i.test(name) ? utf8() : streaming(name, 1);
  } catch {
    throw new DocumentError(
      `The document names the encoding ${JSON.stringify(label)}, which is not supported`,
      { offset: 0, line: 1 },
    );
  }
}

/** `slice` copies nothing of what Node's streams give. */
function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.length === 0 ? b : joinBytes(a, b);
}
