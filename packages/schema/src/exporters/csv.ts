import { untouched } from '../found_events.ts';
import { foundIn } from '../found_finding.ts';
import { columnsOf, RowEncoder } from './columns.ts';
import type { Exporter } from './exporter.ts';
import { withoutFormula } from './formula.ts';

/** Pieces that are handed on together: some 30 rows. */
const PIECES = 200;

/**
 * CSV (RFC 4180) with the thirty columns of Nessus's own report, or with the fields that `fields` names; with `hosts` the host's
 * fields stand behind. Like in Nessus's report a finding has a row for each of its CVEs, numbers are as they are written in the
 * document, and the risk of a compliance check is its result. What a spreadsheet could take for a formula gets an apostrophe in
 * front.
 */
export const exportCsv: Exporter<string> = async function* (events, options = {}) {
  const columns = columnsOf(options);
  const rows = new RowEncoder(columns, (text, index) => (index === 0 ? '' : ',') + quote(text));
  yield `${columns.columns.map(({ title }) => quote(title)).join(',')}\r\n`;
  for await (const batch of untouched(events)) {
    let parts: string[] = [];
    for (const event of batch) {
      if (event.type !== 'finding') continue;
      rows.addRows(foundIn(event), parts, '\r\n');
      if (parts.length < PIECES) continue;
      yield parts.join('');
      parts = [];
    }
    if (parts.length > 0) yield parts.join('');
  }
};

/** A field of CSV, quoted always. */
export function quote(cell: string): string {
  return `"${withoutFormula(cell).replaceAll('"', '""')}"`;
}
