/** Counts how often each step, or another kill, was met by each fault. */
export function createHitTable(faults) {
  const hits = new Map();
  return {
    add(what, fault) {
      const row = hits.get(what) ?? new Map();
      row.set(fault, (row.get(fault) ?? 0) + 1);
      hits.set(what, row);
    },

    times: (what) => sum(hits.get(what) ?? new Map()),

    /** Steps and other kills down, faults across. */
    print() {
      const columns = faults.filter((fault) => [...hits.values()].some((row) => row.has(fault)));
      console.error(`\n  columns: ${columns.map((fault, i) => `${i + 1} ${fault}`).join(', ')}`);
      console.error(
        `  ${'killed'.padEnd(32)} ${columns.map((_, i) => String(i + 1).padStart(3)).join('')}  all`,
      );
      for (const [what, row] of [...hits].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const cells = columns.map((fault) => String(row.get(fault) ?? '.').padStart(3)).join('');
        console.error(`  ${what.padEnd(32)} ${cells} ${String(sum(row)).padStart(4)}`);
      }
    },
  };
}

function sum(row) {
  return [...row.values()].reduce((total, count) => total + count, 0);
}
