import type { JSX } from 'hono/jsx/jsx-runtime';

/** A part of a column. */
export interface ColumnPart {
  /** Its colour: a severity, `better` or `worse`. */
  kind: string;
  word: string;
  value: number;
}

/** A column, or a group of them. */
export interface ChartColumn {
  /** What it is of, such as a week. */
  word: string;
  parts: readonly ColumnPart[];
}

const WIDTH = 480;
const HEIGHT = 100;

/**
 * Columns over time, stacked or side by side, with a legend. Those who listen hear the first and the last; the table that goes with
 * it has all numbers.
 */
export function ColumnChart({
  title,
  columns,
  isStacked = true,
}: {
  title: string;
  columns: readonly ChartColumn[];
  /** @default true */
  isStacked?: boolean | undefined;
}): JSX.Element {
  const [first, last] = [columns[0], columns.at(-1)];
  const heights = columns.map(({ parts }) =>
    isStacked
      ? parts.reduce((sum, { value }) => sum + value, 0)
      : Math.max(0, ...parts.map(({ value }) => value)),
  );
  const most = Math.max(0, ...heights);
  const step = WIDTH / Math.max(1, columns.length);
  const said = [first, last === first ? undefined : last].flatMap((column) =>
    column ? [sayColumn(column)] : [],
  );
  return (
    <figure class="chart">
      <figcaption>
        {title}
        <span class="legend">
          {first?.parts.map(({ kind, word }) => (
            <span>
              <svg class="key" viewBox="0 0 10 10" aria-hidden="true">
                <rect class={kind} width="10" height="10" />
              </svg>{' '}
              {word}
            </span>
          ))}
        </span>
      </figcaption>
      <p class="axis most" aria-hidden="true">
        {most}
      </p>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}. ${said.join(' ')}`}
      >
        <line class="base" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        {columns.map((column, i) => (
          <g>
            <title>{sayColumn(column)}</title>
            {rectsOf(column.parts, { x: i * step, step, most, isStacked }).map((rect) => (
              <rect {...rect} />
            ))}
          </g>
        ))}
      </svg>
      <p class="axis" aria-hidden="true">
        <span>{first?.word}</span>
        <span>{last === first ? '' : last?.word}</span>
      </p>
    </figure>
  );
}

/** Such as `2026-11-23: 3 critical, 12 high.` */
function sayColumn({ word, parts }: ChartColumn): string {
  return `${word}: ${parts.map((part) => `${part.value} ${part.word.toLowerCase()}`).join(', ')}.`;
}

function rectsOf(
  parts: readonly ColumnPart[],
  { x, step, most, isStacked }: { x: number; step: number; most: number; isStacked: boolean },
): { class: string; x: string; y: string; width: string; height: string }[] {
  const gap = step * 0.15;
  const width = isStacked ? step - 2 * gap : (step - 2 * gap) / Math.max(1, parts.length);
  let below = 0;
  return parts.map(({ kind, value }, i) => {
    const height = most === 0 ? 0 : (value / most) * HEIGHT;
    const bottom = isStacked ? below : 0;
    below += height;
    return {
      class: kind,
      x: (x + gap + (isStacked ? 0 : i * width)).toFixed(2),
      y: (HEIGHT - bottom - height).toFixed(2),
      width: width.toFixed(2),
      height: height.toFixed(2),
    };
  });
}
