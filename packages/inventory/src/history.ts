/**
 * In which scans of an asset a finding was seen: runs of sightings, each from its first to behind its last, ascending and apart.
 * `[0, 3, 5, 6]` was seen in the first three and in the sixth.
 */
export type Runs = readonly number[];

/** Whether a sighting saw it. */
export function isWithin(runs: Runs, sighting: number): boolean {
  return runs.findIndex((bound) => bound > sighting) % 2 === 1;
}

/** Runs of which each sighting says whether it saw it. */
export function runsOf(seen: readonly boolean[]): number[] {
  const runs: number[] = [];
  seen.forEach((flag, i) => {
    if (flag !== (seen[i - 1] ?? false)) runs.push(i);
  });
  return runs.length % 2 === 1 ? [...runs, seen.length] : runs;
}

/** Runs after a further sighting has come to stand at a place, whatever was seen later. */
export function withSighting(runs: Runs, at: number, isSeen: boolean): number[] {
  const moved: number[] = [];
  for (let i = 0; i < runs.length; i += 2) {
    const [start, end] = [runs[i] ?? 0, runs[i + 1] ?? 0];
    if (end <= at) moved.push(start, end);
    else if (start >= at) moved.push(start + 1, end + 1);
    else moved.push(start, at, at + 1, end + 1); // it falls into the run
  }
  return isSeen ? withSeen(moved, at) : moved;
}

function withSeen(runs: readonly number[], at: number): number[] {
  const joined: number[] = [];
  let [first, last] = [at, at + 1];
  for (let i = 0; i < runs.length; i += 2) {
    const [start, end] = [runs[i] ?? 0, runs[i + 1] ?? 0];
    if (end < first) joined.push(start, end);
    else if (start > last) {
      if (first >= 0) joined.push(first, last);
      first = Number.NEGATIVE_INFINITY; // it stands there
      last = Number.NEGATIVE_INFINITY;
      joined.push(start, end);
    } else [first, last] = [Math.min(first, start), Math.max(last, end)];
  }
  if (first >= 0) joined.push(first, last);
  return joined;
}

/** A history as it is stored: of each finding its kind and its runs. */
export interface FindingHistory {
  /** Number of the kind that was seen last. */
  kind: number;
  runs: Runs;
}

/** Histories as bytes: LEB128 numbers, of each the kind, the number of runs, and the steps from bound to bound. */
export function packHistories(histories: readonly FindingHistory[]): Uint8Array {
  const bytes: number[] = [];
  const push = (value: number): void => {
    let rest = value;
    while (rest > 127) {
      bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
  };
  for (const { kind, runs } of histories) {
    push(kind);
    push(runs.length / 2);
    let before = 0;
    for (const bound of runs) {
      push(bound - before);
      before = bound;
    }
  }
  return Uint8Array.from(bytes);
}

/** The histories of {@linkcode packHistories}. */
export function unpackHistories(bytes: Uint8Array): FindingHistory[] {
  const histories: FindingHistory[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const kind = next();
    const runs: number[] = [];
    let bound = 0;
    for (let left = next() * 2; left > 0; left--) {
      bound += next();
      runs.push(bound);
    }
    histories.push({ kind, runs });
  }
  return histories;
}
