import type { Finding } from './finding.ts';

/**
 * A ReportItem that was read before. On other hosts the same plugin writes the same text but for its output, so that the
 * text need only be compared, not read again.
 */
interface KnownItem<T> {
  /** Raw text after the start of the tag, up to the output; without an output, to the end of the element. */
  before: string;
  /** Raw text from the end of the output to the end of the element; absent when there is no output. */
  after: string | undefined;
  /** Line ends in both. */
  lines: number;
  prepared: T;
}

/** A match of {@linkcode KnownItems.match}. */
export interface KnownMatch<T> {
  prepared: T;
  /** Raw text of the output; absent when the item has none. */
  output: string | undefined;
  /** Index after the element. */
  end: number;
  /** Line ends in the element. */
  lines: number;
}

const OUTPUT_START = '<plugin_output>';
const ITEM_END = '</ReportItem>';
const LT = 60;

/** Characters of raw text that are remembered at most; what comes later is read by its elements. */
const MAX_REMEMBERED = 24_000_000;
/** Different texts under one start tag, as when a plugin reports on several packages. */
const MAX_VARIANTS = 8;

/** Remembers ReportItems by their text. Every match is an exact comparison of all of it but the output. */
export class KnownItems<T> {
  /** By the text of the start tag. */
  readonly #items = new Map<string, KnownItem<T>[]>();
  #remembered = 0;
  #missed: { text: string; head: string } | undefined;

  /**
   * Looks for a known item that begins at an index; a miss prepares for {@linkcode learn}. Answers `more` when the text
   * ends where a known item goes on.
   */
  match(text: string, start: number): KnownMatch<T> | 'more' | undefined {
    this.#missed = undefined;
    const headEnd = text.indexOf('>', start) + 1;
    if (headEnd === 0) return undefined;
    const head = text.slice(start, headEnd);
    for (const item of this.#items.get(head) ?? NO_ITEMS) {
      const found = matchItem(text, headEnd, item);
      if (found) return found;
    }
    if (this.#remembered < MAX_REMEMBERED) this.#noteMiss(text, start, head);
    return undefined;
  }

  /** Remembers the item that the last {@linkcode match} missed, which has been read meanwhile, if it can be remembered. */
  learn(finding: Finding, prepare: (finding: Finding) => T): { prepared: T; hasOutput: boolean } | undefined {
    const missed = this.#missed;
    this.#missed = undefined;
    if (!missed) return undefined;
    const split = splitItem(missed.text, missed.head.length);
    if (!split || (split.after !== undefined) !== (typeof finding.plugin_output === 'string'))
      return undefined;
    const head = copyOf(missed.head);
    const variants = this.#items.get(head) ?? [];
    if (variants.length >= MAX_VARIANTS) return undefined;
    const { before, after } = split;
    const item = {
      before: copyOf(before),
      after: after && copyOf(after),
      lines: countLineEnds(before) + countLineEnds(after ?? '') + countLineEnds(head),
      prepared: prepare(finding),
    };
    this.#remembered += missed.text.length;
    this.#items.set(head, [...variants, item]);
    return { prepared: item.prepared, hasOutput: after !== undefined };
  }

  #noteMiss(text: string, start: number, head: string): void {
    const end = text.indexOf(ITEM_END, start);
    if (end >= 0) this.#missed = { text: text.slice(start, end + ITEM_END.length), head };
  }
}

const NO_ITEMS: readonly never[] = [];

function matchItem<T>(text: string, start: number, item: KnownItem<T>): KnownMatch<T> | 'more' | undefined {
  const { before, after, prepared, lines } = item;
  const outputStart = start + before.length;
  if (text.length < outputStart) return before.startsWith(text.slice(start)) ? 'more' : undefined;
  if (text.slice(start, outputStart) !== before) return undefined;
  if (after === undefined) return { prepared, output: undefined, end: outputStart, lines };
  const outputEnd = text.indexOf('<', outputStart); // an output with a tag, CDATA or a comment in it does not match
  if (outputEnd < 0) return 'more';
  const end = outputEnd + after.length;
  if (text.length < end) return after.startsWith(text.slice(outputEnd)) ? 'more' : undefined;
  if (text.slice(outputEnd, end) !== after) return undefined;
  const output = text.slice(outputStart, outputEnd);
  return { prepared, output, end, lines: lines + countLineEnds(output) };
}

/**
 * Cuts an item at its output. Only items whose text is sure to be what it seems are cut: no comment, CDATA or processing
 * instruction, no item within, one output at most, closed where its text ends.
 */
function splitItem(
  item: string,
  headLength: number,
): { before: string; after: string | undefined } | undefined {
  if (item.includes('<!') || item.includes('<?') || item.indexOf('<ReportItem', 1) >= 0) return undefined;
  if (item.charCodeAt(headLength - 2) === 47) return undefined; // <ReportItem/>: the end that was found is another's
  const tag = item.indexOf('<plugin_output');
  if (tag < 0) return { before: item.slice(headLength), after: undefined };
  const start = tag + OUTPUT_START.length;
  const end = item.indexOf('<', start);
  if (!item.startsWith(OUTPUT_START, tag) || !item.startsWith('</plugin_output>', end)) return undefined;
  if (item.indexOf('<plugin_output', start) >= 0 || item.charCodeAt(end) !== LT) return undefined;
  return { before: item.slice(headLength, start), after: item.slice(end) };
}

/** A text of its own: a slice would keep the whole chunk that it came from. */
function copyOf(text: string): string {
  return ` ${text}`.slice(1);
}

/** Number of `\n` in a text. */
export function countLineEnds(text: string): number {
  let lines = 0;
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lines++;
  return lines;
}
