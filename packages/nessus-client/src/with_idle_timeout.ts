import { NoAnswerError } from './errors.ts';

/** Options of {@linkcode withIdleTimeout}. */
export interface IdleTimeoutOptions {
  /** Milliseconds without a byte after which the download is given up. */
  idleMs: number;
  /** Milliseconds for all of it. @default any */
  maxMs?: number | undefined;
  /** Makes the error that a failure in the middle stands for. */
  toError: (thrown: unknown) => Error;
}

/** Passes a body on: a connection that breaks or falls silent becomes an error that a caller can tell from its own. */
export function withIdleTimeout(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  options: IdleTimeoutOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  const end = performance.now() + (options.maxMs ?? Number.POSITIVE_INFINITY);
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const part = await within(Math.min(options.idleMs, end - performance.now()), reader.read());
          if (!part.done) return controller.enqueue(part.value);
          controller.close();
        } catch (error) {
          controller.error(options.toError(error));
          await reader.cancel(error).catch(() => {}); // it has failed already
        }
      },
      async cancel(reason) {
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new NoAnswerError(`no byte came for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
