import type { Finding } from './finding.ts';
import { FindingBuilder } from './finding_builder.ts';
import { learnLayout, readByLayout } from './item_layout.ts';
import { AttributeError, parseAttributes } from './xml/attributes.ts';
import { SLASH } from './xml/characters.ts';
import { decodeText, EntityError } from './xml/entities.ts';
import { ownText } from './xml/own_text.ts';

/**
 * A ReportItem whose text is sure to be what it seems: a start tag, `<tag>text</tag>` any number of times, an end tag; no
 * comment, CDATA, processing instruction or element within an element. Almost all items are so.
 */
export interface SimpleItem {
  text: string;
  /** Length of the start tag. */
  headLength: number;
}

const ITEM_END = '</ReportItem>';
const NAME = /^[A-Za-z_][\w:.-]{0,199}$/;
/** Names of elements that are remembered. */
const MAX_ENDS = 1000;
/** Characters of an item that is read at once; a longer one is read by its parts, which have limits of their own. */
const MAX_LENGTH = 262_144;
const BLANK = /^\s*$/;

/** The item that begins at an index, if it may be simple; {@linkcode readSimpleItem} decides. `more` when its end has not come. */
export function simpleItemAt(text: string, start: number): SimpleItem | 'more' | undefined {
  const headEnd = text.indexOf('>', start);
  if (headEnd >= 0 && text.charCodeAt(headEnd - 1) === SLASH) return undefined; // <ReportItem/> has no end of its own
  const end = text.indexOf(ITEM_END, start);
  if ((end < 0 ? text.length : end) - start > MAX_LENGTH) return undefined;
  if (end < 0) return 'more';
  return { text: ownText(text.slice(start, end + ITEM_END.length)), headLength: headEnd + 1 - start };
}

/** Reads an item that is simple; `undefined` when it is not, or is wrong: reading it by its parts says where. */
export function readSimpleItem({ text, headLength }: SimpleItem, host: string): Finding | undefined {
  const head = text.slice(0, headLength);
  // cut at each `<` at once, which is faster than looking for one after the other: `tag>text` and `/tag>` take turns
  const pieces = text.slice(headLength, -ITEM_END.length).split('<');
  try {
    const known = readByLayout(head, pieces, host);
    if (known) return known;
    const builder = new FindingBuilder(host, parseAttributes(head.slice('<ReportItem'.length, -1)));
    if (!addChildren(builder, pieces)) return undefined;
    const finding = builder.finish();
    learnLayout(head, pieces, finding);
    return finding;
  } catch (error) {
    if (error instanceof AttributeError || error instanceof EntityError) return undefined;
    throw error;
  }
}

/** How elements end, by their names: documents have a few dozen. */
const ends = new Map<string, string>();

/** What an element ends with behind its `<`, mostly with a line end behind it; `undefined` for what is no name. */
function endOf(name: string): string | undefined {
  const known = ends.get(name);
  if (known !== undefined) return known;
  if (!NAME.test(name)) return undefined;
  const end = `/${name}>`;
  if (ends.size < MAX_ENDS) ends.set(name, end);
  return end;
}

function isEnd(piece: string, end: string): boolean {
  return piece.startsWith(end) && (piece.length === end.length || BLANK.test(piece.slice(end.length)));
}

function addChildren(builder: FindingBuilder, pieces: readonly string[]): boolean {
  if (pieces.length % 2 === 0 || !BLANK.test(pieces[0] ?? '')) return false;
  for (let index = 1; index < pieces.length; index += 2) {
    const piece = pieces[index] ?? '';
    const nameEnd = piece.indexOf('>');
    const name = piece.slice(0, Math.max(0, nameEnd));
    const end = endOf(name);
    if (end === undefined || !isEnd(pieces[index + 1] ?? '', end)) return false;
    builder.add(name, decodeText(piece.slice(nameEnd + 1)));
  }
  return true;
}
