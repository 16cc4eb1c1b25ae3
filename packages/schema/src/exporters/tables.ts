import { cleanText } from '../clean_text.ts';
import { quote } from './csv.ts';
import { escapeHtml } from './html/escape_html.ts';
import { STYLE } from './html/style.ts';
import { markdownTable, markdownText } from './markdown.ts';
import type { TableReport } from './table_report.ts';

/** Formats that a report of tables can be written in. */
export const TABLE_FORMATS = ['md', 'html', 'csv', 'jsonl', 'xlsx'] as const;

/** One of {@linkcode TABLE_FORMATS}. */
export type TableFormat = (typeof TABLE_FORMATS)[number];

/**
 * A report of tables in a format; text that a host could have written is only text in each of them.
 *
 * @example
 * ```ts
 * import { writeTables } from '@nmcp/schema';
 *
 * const report = { title: 'Hosts', sentences: ['One host.'], tables: [{ name: 'Hosts', titles: ['Host', 'Findings'], rows: [['web-01', 3]] }] };
 * let text = '';
 * for await (const piece of writeTables('csv', report)) text += piece;
 * console.assert(text === '"Host","Findings"\r\n"web-01","3"\r\n');
 * ```
 */
export async function* writeTables(
  format: TableFormat,
  report: TableReport,
): AsyncGenerator<string | Uint8Array> {
  switch (format) {
    case 'md':
      yield markdown(report);
      return;
    case 'html':
      yield html(report);
      return;
    case 'csv': {
      const [first] = report.tables;
      const rows = first ? [first.titles, ...first.rows] : [];
      for (const row of rows) yield `${row.map((cell) => quote(String(cell))).join(',')}\r\n`;
      return;
    }
    case 'jsonl':
      yield* jsonLines(report);
      return;
    case 'xlsx': {
      const { writeWorkbook } = await import('./xlsx/write_workbook.ts');
      yield* writeWorkbook(report);
    }
  }
}

function markdown({ title, sentences, tables }: TableReport): string {
  const parts = [
    `# ${markdownText(title)}\n`,
    ...sentences.map((sentence) => `${markdownText(sentence)}\n`),
    ...tables.flatMap(({ name, titles, rows }) => [
      `## ${markdownText(name)}\n`,
      rows.length === 0
        ? 'None.\n'
        : markdownTable(
            titles,
            rows.map((row) => row.map(String)),
          ),
    ]),
  ];
  return parts.join('\n');
}

function html({ title, sentences, tables }: TableReport): string {
  const parts = tables.map(({ name, titles, rows }) => {
    if (rows.length === 0) return `<h2>${escapeHtml(name)}</h2>\n<p>None.</p>\n`;
    const body = rows.map(
      (row) =>
        `<tr>${row.map((cell) => `<td${typeof cell === 'number' ? ' class="n"' : ''}>${escapeHtml(String(cell))}</td>`).join('')}</tr>\n`,
    );
    return `<h2>${escapeHtml(name)}</h2>\n<div class="wide"><table><thead><tr>${titles.map((each) => `<th>${escapeHtml(each)}</th>`).join('')}</tr></thead><tbody>\n${body.join('')}</tbody></table></div>\n`;
  });
  return `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">\n<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">\n<title>${escapeHtml(title)}</title>\n<style>${STYLE}</style></head>\n<body><main><h1>${escapeHtml(title)}</h1>\n${sentences.map((sentence) => `<p>${escapeHtml(sentence)}</p>\n`).join('')}${parts.join('')}</main></body></html>\n`;
}

function* jsonLines({ title, sentences, tables }: TableReport): Generator<string> {
  yield `${JSON.stringify({ type: 'report', title: cleanText(title), notes: sentences.map((sentence) => cleanText(sentence)) })}\n`;
  for (const { name, titles, rows } of tables) {
    const fields = titles.map((each) => each.toLowerCase().replaceAll(' ', '_'));
    for (const row of rows)
      yield `${JSON.stringify({ type: name.toLowerCase().replaceAll(' ', '_'), ...Object.fromEntries(row.map((cell, index) => [fields[index] ?? String(index), cell])) })}\n`;
  }
}
