import { open } from 'node:fs/promises';

const READ_BYTES = 393_216;

/**
 * The bytes of a file from one place to another; the next ones are read while those at hand are used. A stream of Node's would do the
 * same, and takes 5 ms to get going.
 *
 * @param end byte after the last one; to the end of the file without it
 */
export async function* readFile(
  path: string,
  start: number = 0,
  end: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  const readFrom = async (position: number): Promise<Uint8Array> => {
    const length = Math.max(0, Math.min(READ_BYTES, end - position));
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  };
  let position = start;
  let next = readFrom(position);
  try {
    for (let bytes = await next; bytes.length > 0; bytes = await next) {
      position += bytes.length;
      next = readFrom(position);
      next.catch(() => {}); // it is waited for when these bytes are used
      yield bytes;
    }
  } finally {
    await next.catch(() => {});
    await file.close();
  }
}
