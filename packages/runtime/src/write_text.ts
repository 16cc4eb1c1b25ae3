import { open, rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { messageOf, NmcpError } from '@nmcp/types';

const BATCH_LENGTH = 65_536;

/** What is written: text, or the bytes of text. */
type Piece = string | Uint8Array;

/** Gathers pieces of text, so that there are few writes. What the source throws is thrown after the text before it. */
async function* batches(text: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  let batch = '';
  try {
    for await (const piece of text) {
      if (typeof piece === 'string') batch += piece;
      if (batch !== '' && (typeof piece !== 'string' || batch.length >= BATCH_LENGTH)) {
        yield batch;
        batch = '';
      }
      if (typeof piece !== 'string') yield piece; // bytes are gathered already
    }
  } catch (error) {
    if (batch !== '') yield batch;
    throw error;
  }
  if (batch !== '') yield batch;
}

/**
 * Writes text as it comes, no faster than it is read. A reader that closes its end, as `head` does, ends the writing
 * quietly. What the source throws is thrown after the text before it was written.
 */
export async function writeToStream(output: Writable, text: AsyncIterable<Piece>): Promise<void> {
  let isClosed = false;
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
  });
  for await (const batch of batches(text)) {
    if (isClosed) return;
    if (!output.write(batch)) await untilWritable(output);
  }
}

/**
 * Writes a file atomically.
 *
 * @throws {NmcpError} `storage` when it cannot be written. What the source throws passes through, and there is no file.
 */
export async function writeToFile(path: string, text: AsyncIterable<Piece>): Promise<void> {
  // no secret: a name that is taken is refused below. Loading node:crypto for it takes longer than writing a small file
  const part = `${path}.${Math.random().toString(36).slice(2, 10)}.part`;
  const storing = async <T>(action: Promise<T>): Promise<T> =>
    action.catch((error: unknown) => {
      throw new NmcpError('storage', `${path} cannot be written: ${messageOf(error)}`, { cause: error });
    });
  const file = await storing(open(part, 'wx'));
  try {
    let written = Promise.resolve();
    for await (const bytes of encoded(text)) {
      await written;
      written = storing(file.writeFile(bytes)); // while the next are made
      written.catch(() => {}); // it is waited for when they are there
    }
    await written;
    await file.close();
    await storing(rename(part, path));
  } catch (error) {
    await file.close().catch(() => {}); // it may be closed already
    await rm(part, { force: true });
    throw error;
  }
}

/** Bytes that are written at once. */
const BUFFER_BYTES = 262_144;

/** Encodes text into two buffers by turns: who takes bytes is done with them before asking for the next but one. Bytes are passed on as they are. */
async function* encoded(text: AsyncIterable<Piece>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let [buffer, other] = [new Uint8Array(BUFFER_BYTES), new Uint8Array(BUFFER_BYTES)];
  let length = 0;
  for await (const piece of text) {
    let rest = typeof piece === 'string' ? piece : '';
    while (rest !== '') {
      const { read, written } = encoder.encodeInto(rest, buffer.subarray(length));
      length += written;
      rest = read === rest.length ? '' : rest.slice(read);
      if (rest === '') break;
      yield buffer.subarray(0, length);
      [buffer, other, length] = [other, buffer, 0];
    }
    if (typeof piece === 'string') continue;
    if (length > 0) {
      yield buffer.subarray(0, length);
      [buffer, other, length] = [other, buffer, 0];
    }
    yield piece;
  }
  if (length > 0) yield buffer.subarray(0, length);
}

/** Resolves when the output accepts more, or never will. */
function untilWritable(output: Writable): Promise<void> {
  return new Promise((resolve) => {
    const events = ['drain', 'close', 'error'];
    const done = (): void => {
      for (const event of events) output.off(event, done);
      resolve();
    };
    for (const event of events) output.on(event, done);
  });
}
