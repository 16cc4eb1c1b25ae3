import type { Bytes } from './tables.ts';

/** SQLite's driver answers an ArrayBuffer, PostgreSQL's a Buffer. */
export function bytesOf(bytes: Bytes): Uint8Array {
  return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
}

/** Both drivers take a Buffer. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Numbers as bytes. */
export function bytesOfNumbers(numbers: Uint32Array): Buffer {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

/** Rows that are written, or read, by one statement. */
export const ROWS = 500;

/** Lists of at most {@linkcode ROWS}. */
export function* inChunks<T>(items: readonly T[]): Generator<T[]> {
  for (let i = 0; i < items.length; i += ROWS) yield items.slice(i, i + ROWS);
}
