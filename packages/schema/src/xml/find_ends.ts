import { GT, LT } from './characters.ts';

/** Index of the first quote of a text from `start` up to `end`; -1 when there is none. */
export function firstQuote(text: string, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code === 34 || code === 39) return i;
  }
  return -1;
}

/** Index of the `>` that ends a tag whose first quote is known; -1 when it is not there yet. */
export function quotedTagEnd(text: string, firstQuoteAt: number): number {
  let i = firstQuoteAt;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code === GT) return i;
    if (code === LT) return i; // no tag: the attribute parser says why
    if (code === 34 || code === 39) {
      i = text.indexOf(code === 34 ? '"' : "'", i + 1);
      if (i < 0) return -1;
    }
    i++;
  }
  return -1;
}

const DOCTYPE_TOKEN = /"[^"]*"|'[^']*'|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|[[\]>]|["']|<!--|<\?/g;

/** Index after a DOCTYPE with its internal subset; -1 when it is not whole yet. */
export function doctypeEnd(text: string, start: number): number {
  DOCTYPE_TOKEN.lastIndex = start;
  let inSubset = false;
  for (let match = DOCTYPE_TOKEN.exec(text); match; match = DOCTYPE_TOKEN.exec(text)) {
    const token = match[0];
    if (token === '[') inSubset = true;
    else if (token === ']') inSubset = false;
    else if (token === '>' && !inSubset) return DOCTYPE_TOKEN.lastIndex;
    else if (token === '"' || token === "'" || token === '<!--' || token === '<?') return -1; // not whole yet
  }
  return -1;
}

/** Number of `\n` from `start` up to `end`. */
export function countLines(text: string, start: number = 0, end: number = text.length): number {
  let lines = 0;
  for (let i = text.indexOf('\n', start); i >= 0 && i < end; i = text.indexOf('\n', i + 1)) lines++;
  return lines;
}

/** Characters of the longest reference that is looked for. */
const MAX_REFERENCE = 64;

/** Where a text whose end has not come yet can be cut before an index: not within a reference, a line end or a character. */
export function textCut(text: string, end: number): number {
  const reference = text.lastIndexOf('&', end - 1);
  const isWhole = reference < end - MAX_REFERENCE || text.slice(reference, end).includes(';');
  const cut = isWhole ? end : reference;
  const last = text.charCodeAt(cut - 1);
  return last === 13 || (last >= 0xd800 && last <= 0xdbff) ? cut - 1 : cut;
}

/** The shortest start of a text that none of some words begins with; `undefined` when one of them may still come. */
export function wrongStart(text: string, words: readonly string[]): string | undefined {
  const length = Array.from(text).findIndex(
    (_, index) => !words.some((word) => word.startsWith(text.slice(0, index + 1))),
  );
  return length < 0 ? undefined : text.slice(0, length + 1);
}
