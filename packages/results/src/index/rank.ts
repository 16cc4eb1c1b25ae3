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

/** Keys of one order; those that look at the same column one after the other are one key. */
export function joinKeys(keys: readonly RankedKey[]): RankedKey[] {
  const joined: RankedKey[] = [];
  for (const key of keys) {
    const last = joined.at(-1);
    if (last?.column === key.column) joined[joined.length - 1] = joinTwo(last, key);
    else joined.push(key);
  }
  return joined;
}

function joinTwo({ column, ranks: first }: RankedKey, { ranks: second }: RankedKey): RankedKey {
  const compare = (a: number, b: number): number =>
    (first[a] ?? 0) - (first[b] ?? 0) || (second[a] ?? 0) - (second[b] ?? 0);
  return { column, ranks: rankBy(first.length, compare) };
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
    const at = ranks[column[rows[i] ?? 0] ?? 0] ?? 0;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  const reaching = placesIn(counts, start, end);
  const [first] = reaching;
  const last = reaching.at(-1);
  if (first === undefined || last === undefined) return [];
  const found = new Map(reaching.map(({ place }) => [place, new Uint32Array(counts[place] ?? 0)]));
  const filled = new Uint32Array(places);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] ?? 0;
    const at = ranks[column[row] ?? 0] ?? 0;
    if (at < first.place || at > last.place) continue;
    const same = found.get(at);
    const next = filled[at] ?? 0;
    if (same) same[next] = row;
    filled[at] = next + 1;
  }
  return reaching.flatMap(({ place, before }) => {
    const same = found.get(place) ?? new Uint32Array(0);
    return windowOf(same, others, Math.max(0, start - before), Math.min(same.length, end - before));
  });
}

/** The places whose rows reach into a window, ascending, and how many rows come before each. */
function placesIn(counts: Uint32Array, start: number, end: number): { place: number; before: number }[] {
  const reaching: { place: number; before: number }[] = [];
  let before = 0;
  for (let place = 0; place < counts.length && before < end; place++) {
    const count = counts[place] ?? 0;
    if (count > 0 && before + count > start) reaching.push({ place, before });
    before += count;
  }
  return reaching;
}
