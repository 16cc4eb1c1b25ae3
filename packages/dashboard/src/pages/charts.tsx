import type { JSX } from 'hono/jsx/jsx-runtime';
import { SEVERITIES, type SeverityCounts } from './severities.tsx';

/** A stacked bar, as wide as its share of the widest one. */
export function StackedBar({
  counts,
  widest,
  title,
}: {
  counts: SeverityCounts;
  /** @default its own sum */
  widest?: number | undefined;
  /** What it shows, for those who listen. */
  title?: string | undefined;
}): JSX.Element {
  const most = widest ?? SEVERITIES.reduce((sum, { key }) => sum + counts[key], 0);
  let x = 0;
  const text = SEVERITIES.filter(({ key }) => counts[key] > 0)
    .map(({ key, word }) => `${counts[key]} ${word.toLowerCase()}`)
    .join(', ');
  return (
    <svg
      class="bar"
      viewBox="0 0 100 8"
      preserveAspectRatio="none"
      role="img"
      aria-label={`${title === undefined ? '' : `${title}: `}${text || 'no findings'}`}
    >
      {SEVERITIES.map(({ key }) => {
        const width = most === 0 ? 0 : (100 * counts[key]) / most;
        const at = x;
        x += width;
        return width === 0 ? null : (
          <rect class={key} x={at.toFixed(2)} y="0" width={width.toFixed(2)} height="8" />
        );
      })}
    </svg>
  );
}

/** How full something is. */
export function Meter({ percent, label }: { percent: number; label: string }): JSX.Element {
  const width = Math.max(0, Math.min(100, percent));
  return (
    <svg class="bar meter" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect class="track" x="0" y="0" width="100" height="8" />
      <rect class="fill" x="0" y="0" width={width.toFixed(1)} height="8" />
    </svg>
  );
}
