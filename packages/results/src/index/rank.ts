/**
 * Gives each item its rank in an order; equal items have the same rank.
 *
 * @param compare of two items' numbers
 */
export function rankBy(count: number, compare: (a: number, b: number) => number): Uint32Array {
  const order = Array.from({ length: count }, (_, i) => i).sort(compare);
  const ranks = new Uint32Array(count);
  let rank = 0;
  order.forEach((item, i) => {
    const before = order[i - 1];
    if (before !== undefined && compare(before, item) !== 0) rank++;
    ranks[item] = rank;
  });
  return ranks;
}

/** One key of an order over rows: a row's place is `ranks[column[row]]`. */
export interface RankedKey {
  column: Uint32Array;
  ranks: Uint32Array;
}

/**
 * The rows from `start` to `end` of an order by several keys, ties by row, without sorting the rest: at each key only the
 * rows whose places reach into the window go on.
 *
 * @param rows ascending
 */
export function windowOf(
  rows: Uint32Array,
  keys: readonly RankedKey[],
  start: number,
  end: number,
): number[] {
  const [key, ...others] = keys;
  if (!key || rows.length === 0 || start >= end) return [...rows.subarray(start, end)];
  const { column, ranks } = key;
  const places = 1 + ranks.reduce((most, rank) => Math.max(most, rank), 0);
  const counts = new Uint32Array(places);
  for (let i = 0; i < rows.length; i++) {
    const at = place(rows[i] ?? 0);
    counts[at] = (counts[at] ?? 0) + 1;
  }

  function place(row: number): number {
    return ranks[column[row] ?? 0] ?? 0;
  }

  const found: number[] = [];
  let before = 0;
  for (let rank = 0; rank < places && before < end; rank++) {
    const count = counts[rank] ?? 0;
    if (count > 0 && before + count > start) {
      const same = count === rows.length ? rows : rows.filter((row) => place(row) === rank);
      found.push(...windowOf(same, others, Math.max(0, start - before), Math.min(count, end - before)));
    }
    before += count;
  }
  return found;
}
