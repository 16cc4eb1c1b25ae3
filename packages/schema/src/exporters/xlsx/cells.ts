import { cleanText } from '../../clean_text.ts';
import { shorten } from '../../shorten.ts';
import { withoutFormula } from '../formula.ts';

/** What a cell of Excel holds at most, less what says how much was cut off. */
const CELL_LENGTH = 32_767 - 40;

/** Characters of shared texts, which are kept until the end. */
const SHARED_LENGTH = 30_000_000;

/** Numbers of the formats in `styles.xml`. */
export const STYLES = { text: 1, quoted: 2, head: 3, number: 4 } as const;

const SPECIAL: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** A cell that holds a text, whatever it looks like; it is cut at Excel's limit, with a mark. */
export function textCell(text: string, style?: number): string {
  if (text === '') return '<c/>';
  const shown = shownText(text);
  return `<c s="${style ?? styleOf(shown)}" t="inlineStr"><is>${stringItem(shown)}</is></c>`;
}

/** Texts that stand once in a workbook, however many cells hold them. */
export class SharedTexts {
  readonly #numbers = new Map<string, number>();
  #characters = 0;

  /** A cell that refers to a text; when there are too many, one that holds it. */
  cell(text: string): string {
    if (text === '') return '<c/>';
    const shown = shownText(text);
    let number = this.#numbers.get(shown);
    if (number === undefined) {
      if (this.#characters > SHARED_LENGTH) return textCell(text);
      number = this.#numbers.size;
      this.#numbers.set(shown, number);
      this.#characters += shown.length;
    }
    return `<c s="${styleOf(shown)}" t="s"><v>${number}</v></c>`;
  }

  /** All of them, in the order of their numbers, as they stand in the table of the workbook. */
  *items(): Generator<string> {
    for (const text of this.#numbers.keys()) yield `<si>${stringItem(text)}</si>`;
  }
}

function shownText(text: string): string {
  return shorten(cleanText(text, Number.POSITIVE_INFINITY), CELL_LENGTH);
}

/** What could be a formula has an apostrophe in front, which Excel keeps apart from the text. */
function styleOf(shown: string): number {
  return withoutFormula(shown) === shown ? STYLES.text : STYLES.quoted;
}

function stringItem(shown: string): string {
  const escaped = shown.replaceAll(/[&<>]/g, (char) => SPECIAL[char] ?? char);
  const said = escaped.includes('_') ? escaped.replaceAll(/_(?=x[\da-f]{4}_)/gi, '_x005F_') : escaped; // Excel would read a character out of it
  return `<t xml:space="preserve">${said}</t>`;
}

/** A cell that holds a number, with so many decimals as it is written with; a text that is none stays text. */
export function numberCell(text: string): string {
  if (!/^-?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return textCell(text);
  return `<c${text.includes('.') ? ` s="${STYLES.number}"` : ''}><v>${text}</v></c>`;
}
