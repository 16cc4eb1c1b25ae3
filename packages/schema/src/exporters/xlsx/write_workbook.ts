import type { TableReport } from '../table_report.ts';
import { numberCell, textCell } from './cells.ts';
import { Workbook } from './workbook.ts';

const NOTES = 'About';

/** A report of tables as a workbook: a sheet with its sentences, and one for each table. */
export async function* writeWorkbook({ title, sentences, tables }: TableReport): AsyncGenerator<Uint8Array> {
  const book = new Workbook();
  book.sheet({ name: NOTES, titles: [title], widths: [100] });
  for (const sentence of sentences) book.row(textCell(sentence));
  for (const { name, titles, rows } of tables) {
    book.sheet({ name, titles, widths: titles.map((each) => Math.max(12, each.length + 2)) });
    for (const row of rows)
      book.row(
        row.map((cell) => (typeof cell === 'number' ? numberCell(String(cell)) : textCell(cell))).join(''),
      );
    yield* await book.take();
  }
  book.end([NOTES, ...tables.map(({ name }) => name)]);
  yield* await book.take();
}
