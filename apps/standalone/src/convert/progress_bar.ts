import { Presets, SingleBar } from 'cli-progress';

/** A bar on standard error. */
export interface ProgressBar {
  /** Says how much there will be. */
  total(amount: number): void;
  add(amount: number): void;
  /** Takes the bar away. */
  stop(): void;
}

/** Shows a bar. */
export function startBar(): ProgressBar {
  const bar = new SingleBar(
    {
      format: '  {bar}  {percentage} %  {eta_formatted} left',
      stream: process.stderr,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  bar.start(0, 0);
  return {
    total: (amount) => bar.setTotal(amount),
    add: (amount) => bar.increment(amount),
    stop: () => bar.stop(),
  };
}
