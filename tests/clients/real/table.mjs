// The table of docs/clients.md, between two comments.
import { fileURLToPath } from 'node:url';
import { STEPS } from './steps.mjs';

/** Path of the page that has it. */
export const GUIDE = fileURLToPath(new URL('../../../docs/clients.md', import.meta.url));
const BEGIN = '<!-- begin: npm run clients -->\n\n';
const END = '\n\n<!-- end -->';

/** The table of a run. */
export function tableOf(rows) {
  const cells = [
    ['client', 'version', 'over', ...STEPS],
    ...rows.map(({ name, mode, version, way, done }) => [
      mode ? `${name}, ${mode}` : name,
      version,
      way,
      ...STEPS.map((step) => (done.includes(step) ? 'yes' : 'no')),
    ]),
  ];
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

/** The table that a page has. */
export function tableIn(page) {
  return page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END));
}

/** A page with another table. */
export function withTable(page, table) {
  return page.replace(tableIn(page), () => table);
}
