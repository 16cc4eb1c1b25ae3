import { estimateTokens, type FieldValue, type Finding, type Projection, shorten } from '@nmcp/schema';

/** A suspicious text is flagged whatever fields were asked for. */
export function flagging(projection: Projection, { suspicious_text }: Finding): Projection {
  const { fields } = projection;
  return fields && suspicious_text ? { ...projection, fields: [...fields, 'suspicious_text'] } : projection;
}

/** A finding whose texts and lists are cut at so many characters, each with a mark and what is left out. */
export function withShortTexts(finding: Finding, most: number): Finding {
  const short = (value: FieldValue): FieldValue =>
    typeof value === 'string' ? shorten(value, most) : Array.isArray(value) ? listWithin(value, most) : value;
  return Object.fromEntries(
    Object.entries(finding).map(([field, value]) => [field, short(value)]),
  ) as Finding; // the same fields
}

/** A list of as many texts as fit, and how many do not. */
function listWithin(values: readonly FieldValue[], most: number): FieldValue {
  let length = 0;
  const count = values.findIndex((value) => {
    length += String(value).length;
    return length > most;
  });
  if (count < 0) return values as FieldValue;
  const shown = values.slice(0, count).map(String);
  return [...shown, `… [${values.length - count} more values]`];
}

/** Characters of texts, longest first, with which the first finding of an answer is tried. */
const SHORTER = [2000, 1000, 500, 250, 120, 60, 30, 12];

/** The longest line of a finding that fits into so many tokens, its texts cut ever shorter. */
export function lineWithin(room: number, lineOf: (most: number) => string): string {
  const fits = SHORTER.map(lineOf).find((line) => estimateTokens(line) <= room);
  return fits ?? lineOf(SHORTER.at(-1) ?? 0);
}
