import type { CallOptions } from './call.ts';
import { NessusApiError } from './errors.ts';
import { sleep } from './sleep.ts';
import { withIdleTimeout } from './with_idle_timeout.ts';

/** Options of a download. */
export interface DownloadOptions extends CallOptions {
  query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Told every byte in its order, such as `crypto.createHash('sha256')` of Node. */
  hash?: { update(bytes: Uint8Array): unknown } | undefined;
  /** Told how many bytes came so far, and how many there are where the scanner says so. */
  onProgress?: ((received: number, total: number | undefined) => void) | undefined;
}

/** What a download needs of its connection. */
export interface DownloadSource {
  endpoint: string;
  /** Asks for the file from a byte on. The scanner may answer with all of it. */
  open(from: number): Promise<Response>;
  /** Times in a row that it may break without a byte more. */
  tries: number;
  /** Milliseconds before the second try; each wait is twice the one before. */
  firstWaitMs: number;
  /** Milliseconds without a byte after which it counts as broken. */
  idleMs: number;
  toError(thrown: unknown): Error;
}

/**
 * Streams a file. When the connection breaks, the rest is asked for: by Range where the scanner knows it, else from the
 * start, leaving out what has come already.
 */
export async function download(
  source: DownloadSource,
  { hash, onProgress, signal }: DownloadOptions,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  let received = 0;
  let failures = 0;
  let skip = 0;
  let total: number | undefined;
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

  const fail = (why: string): NessusApiError =>
    new NessusApiError('scanner_error', `${source.endpoint}: ${why}`, 200, source.endpoint);

  async function begin(): Promise<void> {
    const response = await source.open(received);
    const isRest = response.status === 206;
    const length = lengthOf(response);
    const size = length === undefined ? undefined : length + (isRest ? received : 0);
    if (total !== undefined && size !== undefined && size !== total) {
      await response.body?.cancel();
      throw fail(`the file had ${total} bytes and now has ${size}: it was written anew`);
    }
    total ??= size;
    skip = isRest ? 0 : received;
    if (!response.body) throw fail('the answer has no body');
    const { idleMs, toError } = source;
    reader = withIdleTimeout(response.body, { idleMs, toError }).getReader();
  }

  async function next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (true) {
      try {
        const part = await reader.read();
        if (part.done) {
          if (total === undefined || received >= total) return undefined;
          throw source.toError(new Error(`it ended after ${received} of ${total} bytes`));
        }
        const bytes = part.value.subarray(Math.min(skip, part.value.length));
        skip -= part.value.length - bytes.length;
        if (bytes.length > 0) return bytes;
      } catch (error) {
        await again(error);
      }
    }
  }

  async function again(error: unknown): Promise<void> {
    for (let cause = error; ; ) {
      if (signal?.aborted) throw signal.reason;
      if (cause instanceof NessusApiError || ++failures >= source.tries) throw cause;
      await sleep(source.firstWaitMs * 2 ** (failures - 1), signal);
      try {
        return await begin();
      } catch (failure) {
        cause = failure;
      }
    }
  }

  await begin();
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        try {
          const bytes = await next();
          if (!bytes) return controller.close();
          received += bytes.length;
          failures = 0;
          if (total !== undefined && received > total)
            throw fail(`more came than the ${total} bytes that were told`);
          hash?.update(bytes);
          onProgress?.(received, total);
          controller.enqueue(bytes);
        } catch (error) {
          controller.error(signal?.aborted ? signal.reason : error);
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

/** Bytes of the body, where it is sent as it is. */
function lengthOf(response: Response): number | undefined {
  const text = response.headers.get('content-length');
  return text === null || response.headers.has('content-encoding') ? undefined : Number(text);
}
