import { once } from 'node:events';
import type { MessagePort } from 'node:worker_threads';

/** Bytes that are sent at a time. */
const PIECE_BYTES = 65_536;
/** Pieces on their way at a time. */
const AHEAD = 4;

/** What the reader's side says. */
const MORE = 'more';

/**
 * Sends what a source yields through a port, as bytes, a few pieces ahead of the reader. When the reader's side closes the
 * port the source is ended.
 */
export async function sendPieces(
  port: MessagePort,
  source: AsyncIterable<string | Uint8Array>,
): Promise<void> {
  let room = AHEAD;
  let isClosed = false;
  const wake = new EventTarget();
  port.on('message', () => {
    room++;
    wake.dispatchEvent(new Event('change'));
  });
  port.once('close', () => {
    isClosed = true;
    wake.dispatchEvent(new Event('change'));
  });
  try {
    for await (const piece of inPieces(source)) {
      while (room === 0 && !isClosed) await once(wake, 'change');
      if (isClosed) return;
      room--;
      port.postMessage(piece, [piece.buffer]);
    }
  } finally {
    port.close(); // after what was sent
  }
}

/** What is sent through a port, until it closes. */
export async function* receivePieces(port: MessagePort): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let isClosed = false;
  const wake = new EventTarget();
  port.on('message', (piece: Uint8Array) => {
    pieces.push(piece);
    wake.dispatchEvent(new Event('change'));
  });
  port.once('close', () => {
    isClosed = true;
    wake.dispatchEvent(new Event('change'));
  });
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece) {
        yield piece;
        port.postMessage(MORE);
      } else if (isClosed) return;
      else await once(wake, 'change');
    }
  } finally {
    port.close();
  }
}

/** Joins short texts, so that few messages are sent. */
async function* inPieces(
  source: AsyncIterable<string | Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  let buffer = new Uint8Array(PIECE_BYTES);
  let length = 0;
  for await (const part of source) {
    let bytes = typeof part === 'string' ? encoder.encode(part) : part;
    while (bytes.length > 0) {
      const taken = bytes.subarray(0, PIECE_BYTES - length);
      buffer.set(taken, length);
      length += taken.length;
      bytes = bytes.subarray(taken.length);
      if (length < PIECE_BYTES) continue;
      yield buffer;
      [buffer, length] = [new Uint8Array(PIECE_BYTES), 0]; // the one before went to the other thread
    }
  }
  if (length > 0) yield buffer.slice(0, length);
}
