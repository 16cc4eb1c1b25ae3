import { mergeRuns, type Run } from './address_runs.ts';
import type { Target } from './target.ts';

/** A list of targets in which others are looked up, however long it is. */
export class TargetSet {
  readonly #names: ReadonlySet<string>;
  /** By their family; none of them touches another one. */
  readonly #runs: Readonly<Record<4 | 6, readonly Run[]>>;

  constructor(targets: readonly Target[]) {
    const ranges = targets.flatMap((target) => (target.kind === 'range' ? target : (target.address ?? [])));
    this.#names = new Set(targets.flatMap((target) => (target.kind === 'host' ? target.name : [])));
    const runs = mergeRuns(ranges);
    this.#runs = {
      4: runs.filter(({ family }) => family === 4),
      6: runs.filter(({ family }) => family === 6),
    };
  }

  /** Whether two lists have an address or a host name in common. */
  overlaps(other: TargetSet): boolean {
    const [few, many] = this.#names.size <= other.#names.size ? [this, other] : [other, this];
    for (const name of few.#names) if (many.#names.has(name)) return true;
    return haveCommon(this.#runs[4], other.#runs[4]) || haveCommon(this.#runs[6], other.#runs[6]);
  }
}

function haveCommon(a: readonly Run[], b: readonly Run[]): boolean {
  const [few, many] = a.length <= b.length ? [a, b] : [b, a];
  return few.some((run) => {
    const at = firstEndingFrom(many, run.first);
    return at !== undefined && at.first <= run.last;
  });
}

/** The first run that ends at an address or behind it. */
function firstEndingFrom(runs: readonly Run[], address: bigint): Run | undefined {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.last ?? 0n) < address) low = middle + 1;
    else high = middle;
  }
  return runs[low];
}
