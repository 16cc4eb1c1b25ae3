import type { Finding } from './finding.ts';
import { FindingBuilder } from './finding_builder.ts';
import { AttributeError, parseAttributes } from './xml/attributes.ts';
import { GT, SLASH } from './xml/characters.ts';
import { decodeText, EntityError } from './xml/entities.ts';

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
/** Names that are known to be good; documents have a few dozen. */
const goodNames = new Set<string>();
const MAX_GOOD = 1000;
/** Characters of an item that is read at once; a longer one is read by its parts, which have limits of their own. */
const MAX_LENGTH = 262_144;
const BLANK = /^\s*$/;

/** The item that begins at an index, if it is whole and may be simple; {@linkcode readSimpleItem} decides. */
export function simpleItemAt(text: string, start: number): SimpleItem | undefined {
  const end = text.indexOf(ITEM_END, start);
  const headLength = text.indexOf('>', start) + 1 - start;
  if (end < 0 || headLength <= 0 || end - start > MAX_LENGTH) return undefined;
  const item = copyOf(text.slice(start, end + ITEM_END.length));
  if (item.includes('<!') || item.includes('<?') || item.indexOf('<ReportItem', 1) >= 0) return undefined;
  if (item.charCodeAt(headLength - 2) === SLASH) return undefined; // <ReportItem/>: the end that was found is another's
  return { text: item, headLength };
}

/** A text of its own: a slice would keep the whole chunk that it came from. */
function copyOf(text: string): string {
  return ` ${text}`.slice(1);
}

/** Reads an item that is simple; `undefined` when it is not, or is wrong: reading it by its parts says where. */
export function readSimpleItem({ text, headLength }: SimpleItem, host: string): Finding | undefined {
  try {
    const builder = new FindingBuilder(
      host,
      parseAttributes(text.slice('<ReportItem'.length, headLength - 1)),
    );
    return addChildren(builder, text, headLength) ? builder.finish() : undefined;
  } catch (error) {
    if (error instanceof AttributeError || error instanceof EntityError) return undefined;
    throw error;
  }
}

/** Mostly a line end. */
function isBlank(text: string, start: number, end: number): boolean {
  return (end === start + 1 && text.charCodeAt(start) === 10) || BLANK.test(text.slice(start, end));
}

function isName(name: string): boolean {
  if (goodNames.has(name)) return true;
  if (!NAME.test(name)) return false;
  if (goodNames.size < MAX_GOOD) goodNames.add(name);
  return true;
}

function addChildren(builder: FindingBuilder, text: string, headLength: number): boolean {
  const last = text.length - ITEM_END.length;
  let position = headLength;
  while (true) {
    const start = text.indexOf('<', position);
    if (start !== position && !isBlank(text, position, start)) return false;
    if (start === last) return true;
    const nameEnd = text.indexOf('>', start);
    const end = text.indexOf('<', nameEnd);
    const name = text.slice(start + 1, nameEnd);
    const closed = end + 2 + name.length;
    const isClosed =
      text.charCodeAt(end + 1) === SLASH && text.charCodeAt(closed) === GT && text.startsWith(name, end + 2);
    if (!isClosed || !isName(name)) return false;
    builder.add(name, decodeText(text.slice(nameEnd + 1, end)));
    position = closed + 1;
  }
}
