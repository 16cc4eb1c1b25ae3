import type { Writable } from 'node:stream';

const BATCH_LENGTH = 65_536;

/**
 * Writes lines as they come, no faster than they are read. A reader that closes its end, as `head` does, ends the writing
 * quietly. What the source throws is thrown after the lines before it were written.
 */
export async function writeLines(output: Writable, lines: AsyncIterable<string>): Promise<void> {
  let isClosed = false;
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
  });
  let batch = '';
  const flush = async (): Promise<void> => {
    const text = batch;
    batch = '';
    if (text !== '' && !output.write(text)) await untilWritable(output);
  };
  try {
    for await (const line of lines) {
      if (isClosed) return;
      batch += `${line}\n`;
      if (batch.length >= BATCH_LENGTH) await flush();
    }
  } finally {
    if (!isClosed) await flush();
  }
}

/** Resolves when the output takes more, or never will. */
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
