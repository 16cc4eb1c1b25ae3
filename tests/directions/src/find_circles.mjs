/**
 * dependency-cruiser reports a circle once for each import in it. Files that reach each other are one circle here,
 * described by the shortest way around.
 *
 * @param {{from: string, cycle?: string[]}[]} breaches
 * @returns {{files: string[], shortest: string[]}[]}
 */
export function findCircles(breaches) {
  const circles = [];
  for (const { from, cycle } of breaches) {
    if (!cycle) continue;
    const merged = { files: new Set(cycle), shortest: [from, ...cycle] };
    for (const other of circles.filter(({ files }) => cycle.some((file) => files.has(file)))) {
      for (const file of other.files) merged.files.add(file);
      if (other.shortest.length <= merged.shortest.length) merged.shortest = other.shortest;
      circles.splice(circles.indexOf(other), 1);
    }
    circles.push(merged);
  }
  return circles.map(({ files, shortest }) => ({ files: [...files].toSorted(), shortest }));
}
