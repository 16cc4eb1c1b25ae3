const MAX_CELL = 72;
const GAP = 2;
const INDENT = 2;
const SHORTEST_COLUMN = 4;

/** Options of {@linkcode formatTable}. */
export interface TableOptions {
  /** Columns of the terminal; the widest cells are cut until a row fits. @default none */
  width?: number | undefined;
  /** Colours a cell after it was cut; gets its column and its text. */
  paint?: ((column: number, text: string) => string) | undefined;
}

/** A table in plain text, with columns as wide as they need to be. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { width = Number.POSITIVE_INFINITY, paint = (_, text) => text }: TableOptions = {},
): string {
  const cells = [head, ...rows].map((row) => row.map(clean));
  const natural = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const widths = fit(natural, width);
  const line = (row: readonly string[], colour: (column: number, text: string) => string): string =>
    row
      .map((cell, column) => {
        const text = cut(cell, widths[column] ?? 0);
        const isLast = column === row.length - 1;
        return colour(column, text) + ' '.repeat(isLast ? 0 : (widths[column] ?? 0) - text.length);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  const plain = (_: number, text: string): string => text;
  const rule = widths.map((length) => '-'.repeat(length));
  return [line(cells[0] ?? [], plain), line(rule, plain), ...cells.slice(1).map((row) => line(row, paint))]
    .map((text) => ' '.repeat(INDENT) + text)
    .join('\n');
}

/** Takes from the widest column until all fit, or none can be made narrower. */
function fit(natural: readonly number[], width: number): number[] {
  const widths = natural.map((length) => Math.min(length, MAX_CELL));
  const room = width - INDENT - GAP * (widths.length - 1);
  for (let excess = widths.reduce((sum, length) => sum + length, 0) - room; excess > 0; excess--) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= SHORTEST_COLUMN) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** A cell on one line, without control characters, which a terminal would obey. */
function clean(text: string): string {
  return text.replaceAll(/\p{C}+/gu, ' ');
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, Math.max(0, length - 1))}…` : text;
}
