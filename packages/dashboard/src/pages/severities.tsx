import type { SeverityBreakdown } from '@nmcp/types';
import type { JSX } from 'hono/jsx/jsx-runtime';
import type { ColumnPart } from './column_chart.tsx';

/** Severities, worst first, as files number them. */
export const SEVERITIES: readonly { key: keyof SeverityBreakdown; level: number; word: string }[] = [
  { key: 'critical', level: 4, word: 'Critical' },
  { key: 'high', level: 3, word: 'High' },
  { key: 'medium', level: 2, word: 'Medium' },
  { key: 'low', level: 1, word: 'Low' },
  { key: 'info', level: 0, word: 'Info' },
];

/** Those that call for something. */
export const ABOVE_INFO: typeof SEVERITIES = SEVERITIES.slice(0, 4);

/** Findings by severity. */
export type SeverityCounts = Readonly<SeverityBreakdown>;

/** The word for a level, `Info` for what is none. */
export function severityOfLevel(level: number): (typeof SEVERITIES)[number] {
  return SEVERITIES.find((severity) => severity.level === level) ?? { key: 'info', level: 0, word: 'Info' };
}

/** A severity in its colour. */
export function Chip({ level }: { level: number }): JSX.Element {
  const { key, word } = severityOfLevel(level);
  return <span class={`chip ${key}`}>{word}</span>;
}

/** Counts above info in one line, such as `2 critical 5 high`; what is zero is dim. */
export function Counts({ counts }: { counts: SeverityCounts }): JSX.Element {
  return (
    <span class="counts">
      {ABOVE_INFO.map(({ key, word }) => (
        <span
          class={counts[key] > 0 ? `count ${key}` : 'count none'}
          title={`${counts[key]} ${word.toLowerCase()}`}
        >
          <span class="hidden">{word} </span>
          {counts[key]}
        </span>
      ))}
    </span>
  );
}

/**
 * A tile for each severity above info, and info as a number beside them.
 *
 * @param change against the scan before; absent where there is none
 */
export function SeverityTiles({
  counts,
  change,
  otherwise = 'no scan before',
  link,
}: {
  counts: SeverityCounts;
  change?: SeverityCounts | undefined;
  /** What is said without a change. @default no scan before */
  otherwise?: string | undefined;
  /** Address of the findings of a severity. */
  link?: ((level: number) => string) | undefined;
}): JSX.Element {
  return (
    <>
      <ul class="tiles">
        {ABOVE_INFO.map(({ key, level, word }) => (
          <li class={`tile ${key}`}>
            <span class="word">{word}</span>
            {link && counts[key] > 0 ? (
              <a class="big" href={link(level)}>
                {counts[key]}
              </a>
            ) : (
              <b class="big">{counts[key]}</b>
            )}
            {change ? <Change by={change[key]} /> : <span class="change same">{otherwise}</span>}
          </li>
        ))}
      </ul>
      <p class="notice">
        {counts.info} informational findings beside these{change ? `, ${signed(change.info)}` : ''}.
      </p>
    </>
  );
}

/** How a count has changed: more is worse. */
export function Change({ by }: { by: number }): JSX.Element {
  const word = by === 0 ? 'same' : by > 0 ? 'worse' : 'better';
  return <span class={`change ${word}`}>{signed(by)}</span>;
}

/** `3 more`, `2 fewer`, `no change`. */
export function signed(by: number): string {
  if (by === 0) return 'no change';
  return by > 0 ? `▲ ${by} more` : `▼ ${-by} fewer`;
}

/** Parts of a column, the least severe at its foot. */
export function severityParts(counts: Omit<SeverityCounts, 'info'>): ColumnPart[] {
  return ABOVE_INFO.toReversed().map(({ key, word }) => ({
    kind: key,
    word,
    value: key === 'info' ? 0 : counts[key],
  }));
}

/** One count less another. */
export function difference(now: SeverityCounts, before: SeverityCounts): SeverityCounts {
  const of = (key: keyof SeverityBreakdown): number => now[key] - before[key];
  return {
    critical: of('critical'),
    high: of('high'),
    medium: of('medium'),
    low: of('low'),
    info: of('info'),
  };
}
