import type { AddressRange } from '@nmcp/types';

/** A run of addresses. */
export type Span = Pick<AddressRange, 'family' | 'first' | 'last'>;

/** A set of addresses as runs that neither overlap nor touch; a lookup costs the logarithm of their number. */
export class AddressSet {
  readonly #spans: Readonly<Record<4 | 6, readonly Span[]>>;

  constructor(spans: Iterable<Span>) {
    const all = [...spans];
    this.#spans = { 4: merge(all, 4), 6: merge(all, 6) };
  }

  /** The runs, in the order of their addresses. */
  spans(): readonly Span[] {
    return [...this.#spans[4], ...this.#spans[6]];
  }

  /** The first address of a run that is not in the set; `undefined` when the whole run is. */
  firstOutside({ family, first, last }: Span): bigint | undefined {
    const found = this.#at(family, first);
    if (!found || found.last < first) return first;
    return found.last >= last ? undefined : found.last + 1n;
  }

  /** The first address of a run that is in the set. */
  firstInside({ family, first, last }: Span): bigint | undefined {
    const spans = this.#spans[family];
    const index = indexAt(spans, first);
    const before = spans[index];
    if (before && before.last >= first) return first;
    const next = spans[index + 1];
    return next && next.first <= last ? next.first : undefined;
  }

  /** What is in both sets. */
  within(other: AddressSet): AddressSet {
    return this.without(this.without(other));
  }

  /** This set without another one. */
  without(other: AddressSet): AddressSet {
    return new AddressSet(this.spans().flatMap((span) => [...subtract(span, other)]));
  }

  /** The last run that begins at or before an address. */
  #at(family: 4 | 6, address: bigint): Span | undefined {
    const spans = this.#spans[family];
    return spans[indexAt(spans, address)];
  }
}

function merge(spans: readonly Span[], family: 4 | 6): Span[] {
  const sorted = spans
    .filter((span) => span.family === family)
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const merged: { family: 4 | 6; first: bigint; last: bigint }[] = [];
  for (const { first, last } of sorted) {
    const before = merged.at(-1);
    if (!before || first > before.last + 1n) merged.push({ family, first, last });
    else if (last > before.last) before.last = last;
  }
  return merged;
}

/** Index of the last run that begins at or before an address; -1 when there is none. */
function indexAt(spans: readonly Span[], address: bigint): number {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const span = spans[middle];
    if (span && span.first <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function* subtract(span: Span, other: AddressSet): Generator<Span> {
  let { first } = span;
  for (const cut of other.spans()) {
    if (cut.family !== span.family || cut.last < first || cut.first > span.last) continue;
    if (cut.first > first) yield { ...span, first, last: cut.first - 1n };
    first = cut.last + 1n;
  }
  if (first <= span.last) yield { ...span, first };
}
