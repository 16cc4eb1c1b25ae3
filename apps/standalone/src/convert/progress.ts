import { Presets, SingleBar } from 'cli-progress';

/** Options of {@linkcode withProgress}. */
export interface ProgressOptions {
  /** Bytes that will be read. */
  bytes: number;
  /** Show a bar; ignored without a terminal. */
  isShown: boolean;
}

/** Counts the bytes of a source as they pass. */
export type CountBytes = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** Runs an action with a progress bar on standard error, where that is a terminal. */
export async function withProgress(
  options: ProgressOptions,
  action: (count: CountBytes) => Promise<void>,
): Promise<void> {
  if (!options.isShown || !process.stderr.isTTY) return await action((source) => source);
  const bar = new SingleBar(
    {
      format: '  {bar}  {percentage} %  {eta_formatted} left',
      stream: process.stderr,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  bar.start(options.bytes, 0);
  try {
    await action(async function* (source) {
      for await (const chunk of source) {
        bar.increment(chunk.length);
        yield chunk;
      }
    });
  } finally {
    bar.stop();
  }
}
