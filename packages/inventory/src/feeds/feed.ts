import { numbersOf } from '../packed.ts';

/** What feeds there are: CISA's list of exploited vulnerabilities, and FIRST's probabilities of exploitation. */
export const FEED_NAMES = ['kev', 'epss'] as const;

/** One of {@linkcode FEED_NAMES}. */
export type FeedName = (typeof FEED_NAMES)[number];

/** A feed as it is stored. */
export interface Feed {
  name: FeedName;
  /** Of the file, as `2026-01-31`. */
  date: string;
  /** CVEs that it names. */
  entries: number;
  /** Two 32-bit numbers of each, ascending: the CVE, and the day since 1970 by which it is to be fixed, or its probability in hundred thousandths. */
  pairs: Uint8Array;
}

/** Hundred thousandths: EPSS has five places. */
const PARTS = 100_000;
const DAY_MS = 86_400_000;
/** Numbers of a year. */
const A_YEAR = 10_000_000;
const FIRST_YEAR = 1990;

/** A CVE as a number; `undefined` for a text that is none, or one of another century. */
export function numberOfCve(cve: string): number | undefined {
  const [, year = '', number = ''] = /^CVE-(\d{4})-(\d{4,7})$/i.exec(cve) ?? [];
  const since = Number(year) - FIRST_YEAR;
  return year === '' || since < 0 || since > 400 ? undefined : since * A_YEAR + Number(number);
}

/** A feed of its values by CVE: of KEV days since 1970 by which they are to be fixed, of EPSS probabilities. */
export function packFeed(name: FeedName, date: string, values: ReadonlyMap<number, number>): Feed {
  const sorted = [...values].sort(([a], [b]) => a - b);
  const pairs = new Uint32Array(sorted.length * 2);
  sorted.forEach(([cve, value], i) => {
    pairs.set([cve, name === 'epss' ? Math.round(value * PARTS) : value], i * 2);
  });
  return { name, date, entries: sorted.length, pairs: new Uint8Array(pairs.buffer) };
}

/** Looks up CVEs in feeds. */
export class FeedReader {
  readonly #pairs = new Map<FeedName, Uint32Array>();
  /** Dates of the files. */
  readonly dates: Readonly<Partial<Record<FeedName, string>>>;

  constructor(feeds: readonly Feed[]) {
    for (const { name, pairs } of feeds) this.#pairs.set(name, numbersOf(pairs));
    this.dates = Object.fromEntries(feeds.map(({ name, date }) => [name, date]));
  }

  /** The day by which the first of some CVEs is to be fixed, as `2022-05-03`; `undefined` where none is listed. */
  due(cves: readonly string[]): string | undefined {
    const days = this.#valuesOf('kev', cves);
    if (days.length === 0) return undefined;
    return new Date(Math.min(...days) * DAY_MS).toISOString().slice(0, 10);
  }

  /** The highest probability among some CVEs. */
  probability(cves: readonly string[]): number | undefined {
    const parts = this.#valuesOf('epss', cves);
    return parts.length === 0 ? undefined : Math.max(...parts) / PARTS;
  }

  #valuesOf(name: FeedName, cves: readonly string[]): number[] {
    const pairs = this.#pairs.get(name);
    if (!pairs) return [];
    return cves.flatMap((cve) => valueAt(pairs, numberOfCve(cve) ?? -1) ?? []);
  }
}

/** The value of a CVE among ascending pairs. */
function valueAt(pairs: Uint32Array, wanted: number): number | undefined {
  let [low, high] = [0, pairs.length / 2];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pairs[middle * 2] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return pairs[low * 2] === wanted ? pairs[low * 2 + 1] : undefined;
}
