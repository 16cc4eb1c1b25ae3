/** Signs that a spreadsheet takes for the beginning of a formula, full-width ones too. */
const SIGN = /[=+\-@\uff1d\uff0b\uff0d\uff20\u2212]/g;
/** What may stand between the beginning of a cell and its sign. */
const BLANK = /[\s'"\u00a0\u3000\ufeff]/;
/** What may begin another cell or line. */
const LINE_END = /[\t\r\n]/;

/** Whether anything could begin a formula; in most texts nothing does. Of blanks over lines only the last line's are looked at. */
const MAY_BEGIN =
  /(?:^|[;|\t\r\n])[ \f\v'"\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]*[\t\r=+\-@\uff1d\uff0b\uff0d\uff20\u2212]/;

/**
 * A text that no spreadsheet takes for a formula: an apostrophe stands before what could begin one. That is a sign at the beginning
 * of a cell, behind blanks and quotes, and, since a spreadsheet may take another separator than ours, after one of those and after
 * a line end.
 */
export function withoutFormula(text: string): string {
  if (!MAY_BEGIN.test(text)) return text;
  let [safe, done] = ['', 0];
  for (const { index } of text.matchAll(SIGN)) {
    const start = cellStart(text, index);
    if (start === undefined || start < done) continue;
    safe += `${text.slice(done, start)}'`;
    done = start;
  }
  const rest = done === 0 && safe === '' ? text : safe + text.slice(done);
  return rest.startsWith('\t') || rest.startsWith('\r') ? `'${rest}` : rest;
}

/** Where the cell begins that a sign could be the formula of; `undefined` when something else stands before the sign. */
function cellStart(text: string, sign: number): number | undefined {
  let start = sign;
  let afterLineEnd: number | undefined;
  while (start > 0 && BLANK.test(text.charAt(start - 1))) {
    if (LINE_END.test(text.charAt(start - 1))) afterLineEnd = start;
    start--;
  }
  if (start === 0 || text.charAt(start - 1) === ';' || text.charAt(start - 1) === '|') return start;
  return afterLineEnd;
}
