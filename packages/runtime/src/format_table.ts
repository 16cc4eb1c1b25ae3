const MAX_CELL = 72;

/** A table in plain text, with columns as wide as they need to be. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map(clip));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width));
  return [cells[0] ?? [], rule, ...cells.slice(1)].map((row) => `  ${line(row)}`).join('\n');
}

/** A cell on one line, without control characters, which a terminal would obey. */
function clip(text: string): string {
  const clean = text.replaceAll(/\p{C}+/gu, ' ');
  return clean.length > MAX_CELL ? `${clean.slice(0, MAX_CELL - 1)}…` : clean;
}
