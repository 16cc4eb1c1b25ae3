import type { SimpleItem } from './simple_item.ts';
import { ZERO } from './xml/characters.ts';
import { countLines } from './xml/find_ends.ts';

/**
 * A ReportItem that was parsed before. On other hosts the same plugin writes the same text but for its output, so that the
 * text need only be compared, not parsed again.
 */
interface CachedItem<T> {
  /** Raw text up to the output; without an output, to the end of the element. */
  before: string;
  /** Raw text from the end of the output to the end of the element; absent when there is no output. */
  after: string | undefined;
  /** Line ends in both. */
  lines: number;
  prepared: T;
  /** Another one under the same key. */
  next: CachedItem<T> | undefined;
}

/** An item that matches a cached one. */
export interface CachedMatch<T> {
  prepared: T;
  /** Raw text of the output; absent when the item has none. */
  output: string | undefined;
  /** Index after the element. */
  end: number;
  /** Line ends in the element. */
  lines: number;
}

const OUTPUT_START = '<plugin_output>';
const PORT = '<ReportItem port="';
const PLUGIN = ' pluginID="';

/** Characters of raw text that are cached at most; later items are parsed element by element. */
const MAX_CACHED = 24_000_000;
/** Different texts under one key, as when a plugin reports on several packages. */
const MAX_VARIANTS = 8;
/** Characters of an output that are waited for. */
const MAX_WAITED = 262_144;

/** Caches ReportItems by their text. Every match is an exact comparison of all of it but the output. */
export class ReportItemCache<T> {
  /** By {@linkcode keyAt}. */
  readonly #items = new Map<number, CachedItem<T>>();
  /** The last of {@linkcode CachedItem.after}: there are few different ones, and one object for all stays in the processor's cache. */
  #after = '';
  #cached = 0;

  /** Whether the cache is full. */
  get isFull(): boolean {
    return this.#cached >= MAX_CACHED;
  }

  /** Looks for a cached item that begins at an index; `more` when the text ends before the cached item does. */
  match(text: string, start: number): CachedMatch<T> | 'more' | undefined {
    const headEnd = text.indexOf('>', start) + 1;
    if (headEnd === 0) return undefined;
    for (let item = this.#items.get(keyAt(text, start, headEnd)); item; item = item.next) {
      const found = matchItem(text, start, item);
      if (found) return found;
    }
    return undefined;
  }

  /** Caches an item that begins at an index, and returns it as a match; `undefined` when it cannot be cached. */
  add({ text, headLength }: SimpleItem, prepared: T, start: number): CachedMatch<T> | undefined {
    const key = keyAt(text, 0, headLength);
    const next = this.#items.get(key);
    const tag = text.indexOf(OUTPUT_START, headLength);
    const outputStart = tag < 0 ? text.length : tag + OUTPUT_START.length;
    const outputEnd = tag < 0 ? text.length : text.indexOf('<', outputStart);
    if (isLong(next) || text.includes('<plugin_output', outputEnd)) return undefined;
    const before = text.slice(0, outputStart);
    const after = tag < 0 ? undefined : this.#sharedAfter(text.slice(outputEnd));
    const lines = countLines(text, 0, outputStart) + countLines(text, outputEnd);
    this.#cached += text.length;
    this.#items.set(key, { before, after, lines, prepared, next });
    const output = tag < 0 ? undefined : text.slice(outputStart, outputEnd);
    return { prepared, output, end: start + text.length, lines: lines + countLines(output ?? '') };
  }

  #sharedAfter(after: string): string {
    if (after === this.#after) return this.#after;
    this.#after = after;
    return after;
  }
}

function isLong<T>(item: CachedItem<T> | undefined): boolean {
  let length = 0;
  for (let at = item; at; at = at.next) length++;
  return length >= MAX_VARIANTS;
}

/**
 * What items of one plugin on one port have in common, and few others: the whole start tag would say more, but takes longer to hash than
 * to compare once.
 */
function keyAt(text: string, start: number, headEnd: number): number {
  const plugin = text.indexOf(PLUGIN, start) + PLUGIN.length;
  const port = numberAt(text, start + PORT.length);
  return plugin < headEnd ? (Math.imul(numberAt(text, plugin), 65_537) + port) | 0 : port;
}

function numberAt(text: string, start: number): number {
  let number = 0;
  for (let index = start; index < text.length; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit < 0 || digit > 9) break;
    number = (number * 10 + digit) | 0;
  }
  return number;
}

function matchItem<T>(text: string, start: number, item: CachedItem<T>): CachedMatch<T> | 'more' | undefined {
  const { before, after, prepared, lines } = item;
  const outputStart = start + before.length;
  if (text.length < outputStart) return before.startsWith(text.slice(start)) ? 'more' : undefined;
  if (text.slice(start, outputStart) !== before) return undefined;
  if (after === undefined) return { prepared, output: undefined, end: outputStart, lines };
  const outputEnd = text.indexOf('<', outputStart); // an output with a tag, CDATA or a comment in it does not match
  // a long one is read by its parts, which are handed on as they come
  if (outputEnd < 0) return text.length - outputStart > MAX_WAITED ? undefined : 'more';
  const end = outputEnd + after.length;
  if (text.length < end) return after.startsWith(text.slice(outputEnd)) ? 'more' : undefined;
  if (text.slice(outputEnd, end) !== after) return undefined;
  const output = text.slice(outputStart, outputEnd);
  return { prepared, output, end, lines: lines + countLines(output) };
}
