import type { Row, Summary } from './messages.ts';

const SEVERITIES = ['Info', 'Low', 'Medium', 'High', 'Critical'];

/** A cell: a text, a text that is not broken, or a severity. */
export type Cell = string | { text: string } | { severity: number };

/** Fills a table; whatever a cell says is only text. */
export function fillTable(
  table: HTMLTableElement,
  titles: readonly string[],
  rows: readonly (readonly Cell[])[],
): void {
  const head = document.createElement('thead');
  const body = document.createElement('tbody');
  head.append(rowOf(titles.map((title) => cell('th', title))));
  body.append(...rows.map((cells) => rowOf(cells.map((each) => cell('td', each)))));
  table.replaceChildren(head, body);
}

/** Cells of a finding. */
export function findingCells({ severity, host, port, title, cves, score }: Row): Cell[] {
  return [{ severity }, { text: host }, { text: port }, title, cves, { text: score }];
}

/** Cells of what fixes most. */
export function fixCells([severity, step, findings, hosts]: Summary['fixes'][number]): Cell[] {
  return [{ severity }, step, String(findings), String(hosts)];
}

/** Cells of a host. */
export function hostCells([name, os, ...counts]: Summary['hosts'][number]): Cell[] {
  return [{ text: name }, os, ...counts.map(String)];
}

function rowOf(cells: readonly HTMLElement[]): HTMLTableRowElement {
  const row = document.createElement('tr');
  row.append(...cells);
  return row;
}

function cell(kind: 'td' | 'th', content: Cell): HTMLElement {
  const made = document.createElement(kind);
  if (typeof content === 'string') made.textContent = content;
  else if ('text' in content) {
    made.textContent = content.text;
    made.className = 'k';
  } else {
    const badge = document.createElement('span');
    badge.className = `b s${content.severity}`;
    badge.textContent = SEVERITIES[content.severity] ?? '';
    made.append(badge);
  }
  return made;
}
