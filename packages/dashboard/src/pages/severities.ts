/** Severities, worst first, as files number them. */
export const SEVERITIES: readonly {
  key: 'critical' | 'high' | 'medium' | 'low' | 'info';
  level: number;
  word: string;
}[] = [
  { key: 'critical', level: 4, word: 'Critical' },
  { key: 'high', level: 3, word: 'High' },
  { key: 'medium', level: 2, word: 'Medium' },
  { key: 'low', level: 1, word: 'Low' },
  { key: 'info', level: 0, word: 'Info' },
];

/** Findings by severity. */
export type SeverityCounts = Readonly<Record<'critical' | 'high' | 'medium' | 'low' | 'info', number>>;

/** The word for a level, `Info` for what is none. */
export function severityOfLevel(level: number): (typeof SEVERITIES)[number] {
  return SEVERITIES.find((severity) => severity.level === level) ?? { key: 'info', level: 0, word: 'Info' };
}
