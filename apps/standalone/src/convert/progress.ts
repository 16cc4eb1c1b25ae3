/** Options of {@linkcode withProgress}. */
export interface ProgressOptions {
  /** Show a bar; ignored without a terminal. */
  isShown: boolean;
}

/** Counts the bytes of a source as they pass. */
export type CountBytes = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** What an action tells of how far it is. */
export interface Progress {
  count: CountBytes;
  /** Says how many bytes will be read. */
  total(bytes: number): void;
}

/** Runs an action with a progress bar on standard error, where that is a terminal. */
export async function withProgress(
  options: ProgressOptions,
  action: (progress: Progress) => Promise<void>,
): Promise<void> {
  if (!options.isShown || !process.stderr.isTTY)
    return await action({ count: (source) => source, total: () => {} });
  const { startBar } = await import('./progress_bar.ts');
  const bar = startBar();
  try {
    await action({
      total: bar.total,
      count: async function* (source) {
        for await (const chunk of source) {
          bar.add(chunk.length);
          yield chunk;
        }
      },
    });
  } finally {
    bar.stop();
  }
}
