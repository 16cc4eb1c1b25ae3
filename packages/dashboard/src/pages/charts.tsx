import type { JSX } from 'hono/jsx/jsx-runtime';
import { SEVERITIES, type SeverityCounts } from './severities.ts';

const RADIUS = 60;
const CIRCUMFERENCE = 2 * Math.PI * RADIUS;

/** Findings by severity as a ring, with the same numbers as a list beside it. */
export function SeverityDonut({ counts }: { counts: SeverityCounts }): JSX.Element {
  const total = SEVERITIES.reduce((sum, { key }) => sum + counts[key], 0);
  const text = SEVERITIES.map(({ key, word }) => `${counts[key]} ${word.toLowerCase()}`).join(', ');
  let before = 0;
  return (
    <figure class="donut">
      <svg viewBox="0 0 160 160" role="img" aria-label={`Findings by severity: ${text}`}>
        <circle class="ring" cx="80" cy="80" r={RADIUS} />
        {SEVERITIES.map(({ key }) => {
          const length = total === 0 ? 0 : (counts[key] / total) * CIRCUMFERENCE;
          const offset = -before;
          before += length;
          return length === 0 ? null : (
            <circle
              class={`arc ${key}`}
              cx="80"
              cy="80"
              r={RADIUS}
              stroke-dasharray={`${length.toFixed(2)} ${(CIRCUMFERENCE - length).toFixed(2)}`}
              stroke-dashoffset={offset.toFixed(2)}
            />
          );
        })}
        <text x="80" y="86" class="total">
          {total}
        </text>
      </svg>
      <figcaption>
        <ul class="legend">
          {SEVERITIES.map(({ key, word }) => (
            <li>
              <span class={`dot ${key}`} aria-hidden="true" /> {word} <b>{counts[key]}</b>
            </li>
          ))}
        </ul>
      </figcaption>
    </figure>
  );
}

/** A stacked bar, as wide as its share of the widest one. */
export function StackedBar({ counts, widest }: { counts: SeverityCounts; widest: number }): JSX.Element {
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
      aria-label={text || 'no findings'}
    >
      {SEVERITIES.map(({ key }) => {
        const width = widest === 0 ? 0 : (100 * counts[key]) / widest;
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
