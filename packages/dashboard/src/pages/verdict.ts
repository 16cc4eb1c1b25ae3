import type { NetworkSummary } from '@nmcp/scans';

/** Better or worse, in a sentence: by what is critical or high, else by what is medium. */
export function verdict(change: NetworkSummary['change']): {
  word: 'better' | 'worse' | 'same';
  text: string;
} {
  if (change === undefined)
    return {
      word: 'same',
      text: 'Nothing to compare with yet: that takes two scans, one of them of the last seven days.',
    };
  const { by: counts, since } = change;
  const urgent = counts.critical + counts.high;
  const [by, what] = urgent !== 0 ? [urgent, 'critical or high'] : [counts.medium, 'medium'];
  const then = `than on ${since.slice(0, 16).replace('T', ' ')} UTC, on the assets known then`;
  if (by === 0)
    return { word: 'same', text: `As before: no more and no fewer findings that matter ${then}.` };
  const findings = Math.abs(by) === 1 ? 'finding' : 'findings';
  return by < 0
    ? { word: 'better', text: `Better: ${-by} ${what} ${findings} fewer ${then}.` }
    : { word: 'worse', text: `Worse: ${by} ${what} ${findings} more ${then}.` };
}
