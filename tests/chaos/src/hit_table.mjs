/** Counts how often each point was met in which way; a round counts once. */
export function createHitTable(points) {
  const ways = new Map(points.map((point) => [point, new Map()]));
  const times = (point) =>
    [...(ways.get(point) ?? new Map()).values()].reduce((sum, count) => sum + count, 0);
  return {
    /** @param hits `{hit, how}` of one round */
    add(hits) {
      const firsts = new Map(hits.map(({ hit, how }) => [hit, how]));
      for (const [point, how] of firsts) {
        const row = ways.get(point) ?? new Map();
        row.set(how, (row.get(how) ?? 0) + 1);
        ways.set(point, row);
      }
    },

    times,

    /** All points, those that were never met too. */
    print() {
      for (const [point, row] of ways) {
        const how = [...row].map(([way, count]) => `${way} ${count}`).join(', ');
        console.error(`  ${point.padEnd(34)} ${String(times(point)).padStart(4)}  ${how}`);
      }
    },
  };
}
