/** Addresses that follow each other, first and last included. */
export interface Run {
  family: 4 | 6;
  first: bigint;
  last: bigint;
}

/** Addresses and networks as runs without overlaps, ascending. */
export function mergeRuns(ranges: readonly Run[]): Run[] {
  const sorted = [...ranges].sort(
    (a, b) => a.family - b.family || Number(a.first > b.first) - Number(a.first < b.first),
  );
  const runs: Run[] = [];
  for (const { family, first, last } of sorted) {
    const before = runs.at(-1);
    if (before?.family === family && first <= before.last + 1n) {
      if (last > before.last) before.last = last;
    } else runs.push({ family, first, last });
  }
  return runs;
}
