import type { ByteSource } from '../xml/decode_bytes.ts';

/** Bytes that can be read from any place, such as a file or a `Blob`; see {@linkcode ofBlob}. */
export interface StoredBytes {
  size: number;
  /** @param start first byte, from 0 @param end byte after the last one; to the end without it */
  stream(start?: number, end?: number): ByteSource;
}

/** A `Blob`, or a file that a browser was given. */
export function ofBlob(blob: Blob): StoredBytes {
  return { size: blob.size, stream: (start = 0, end = blob.size) => blob.slice(start, end).stream() };
}

/** Bytes of a part, at once. */
export async function bytesOf(stored: StoredBytes, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  let length = 0;
  // `for await` takes all kinds of sources
  for await (const chunk of stored.stream(start, end) as AsyncIterable<Uint8Array>) {
    bytes.set(chunk.subarray(0, bytes.length - length), length);
    length += chunk.length;
  }
  return bytes.subarray(0, Math.min(length, bytes.length));
}
