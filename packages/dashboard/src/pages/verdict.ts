import type { SeverityCounts } from './severities.tsx';

/** Better or worse, in a sentence: by what is critical or high, else by what is medium. */
export function verdict(
  change: SeverityCounts,
  compared: number,
): { word: 'better' | 'worse' | 'same'; text: string } {
  if (compared === 0)
    return { word: 'same', text: 'Nothing to compare with yet: no targets have been scanned twice.' };
  const urgent = change.critical + change.high;
  const [by, what] = urgent !== 0 ? [urgent, 'critical or high'] : [change.medium, 'medium'];
  const since = 'than in the scans before';
  if (by === 0)
    return { word: 'same', text: `As before: no more and no fewer findings that matter ${since}.` };
  const findings = Math.abs(by) === 1 ? 'finding' : 'findings';
  return by < 0
    ? { word: 'better', text: `Better: ${-by} ${what} ${findings} fewer ${since}.` }
    : { word: 'worse', text: `Worse: ${by} ${what} ${findings} more ${since}.` };
}
