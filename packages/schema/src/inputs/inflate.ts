import { NmcpError } from '@nmcp/types/core';
import type { ByteSource } from '../xml/decode_bytes.ts';

/** What is unpacked at most. */
export interface UnpackLimits {
  /** Bytes that one document may unpack to. @default 4294967296 */
  maxUnpacked?: number | undefined;
}

const MAX_UNPACKED = 4_294_967_296;
/** How many times its packed size a document may have, once it has {@linkcode FREE_BYTES}; real exports have up to 40. */
const MAX_RATIO = 500;
const FREE_BYTES = 67_108_864;

/** What is packed and how. */
export interface Packed {
  /** For errors. */
  name: string;
  format: 'gzip' | 'deflate-raw';
  packedSize: number;
  source: ByteSource;
}

/**
 * Unpacks as it is read.
 *
 * @throws {NmcpError} `damaged_document` when it is cut short or damaged; `invalid_input` when it unpacks to more than the limits
 */
export async function* inflate(
  { name, format, packedSize, source }: Packed,
  limits: UnpackLimits = {},
): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream(format);
  const fed = feed(stream.writable, source);
  fed.catch(() => {}); // the reading side tells it, too
  const reader = stream.readable.getReader();
  let unpacked = 0;
  try {
    while (true) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw new NmcpError(
          'damaged_document',
          `${name} is cut short or damaged: it cannot be unpacked to its end`,
          {
            cause: error,
          },
        );
      });
      if (done) break;
      unpacked += value.length;
      refuseBomb({ name, packedSize, unpacked }, limits);
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** @throws {NmcpError} `invalid_input` for what unpacks to more than the limits */
export function refuseBomb(
  { name, packedSize, unpacked }: { name: string; packedSize: number; unpacked: number },
  { maxUnpacked = MAX_UNPACKED }: UnpackLimits,
): void {
  const isBomb = unpacked > FREE_BYTES && unpacked > MAX_RATIO * packedSize;
  if (!isBomb && unpacked <= maxUnpacked) return;
  throw new NmcpError(
    'invalid_input',
    `${name} unpacks to more than ${isBomb ? `${MAX_RATIO} times its size` : `${maxUnpacked} bytes`}, so it is not read; unpack it yourself if you trust it`,
  );
}

async function feed(writable: WritableStream<BufferSource>, source: ByteSource): Promise<void> {
  const writer = writable.getWriter();
  try {
    // `for await` takes all kinds of sources
    for await (const chunk of source as AsyncIterable<Uint8Array<ArrayBuffer>>) {
      await writer.ready;
      await writer.write(new Uint8Array(chunk)); // a platform's stream may keep it for longer than the source does
    }
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => {});
    throw error;
  }
}
