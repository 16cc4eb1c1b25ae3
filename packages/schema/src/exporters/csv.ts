import type { Finding } from '../finding.ts';
import { type Exporter, listOf, severityOf, textOf, titleOf } from './exporter.ts';

/** The columns of Nessus's own CSV report, in its order, and behind them what is known of the host. */
const COLUMNS: readonly [string, (finding: Finding, cve: string) => string][] = [
  ['Plugin ID', (finding) => finding.plugin_id ?? ''],
  ['CVE', (_finding, cve) => cve],
  ['CVSS v2.0 Base Score', (finding) => textOf(finding.cvss_base_score)],
  ['Risk', (finding) => ['None', 'Low', 'Medium', 'High', 'Critical'][severityOf(finding)] ?? 'None'],
  ['Host', (finding) => finding.host],
  ['Protocol', (finding) => finding.protocol ?? ''],
  ['Port', (finding) => finding.port ?? ''],
  ['Name', titleOf],
  ['Synopsis', (finding) => textOf(finding.synopsis)],
  ['Description', (finding) => textOf(finding.description)],
  ['Solution', (finding) => textOf(finding.solution)],
  ['See Also', (finding) => textOf(finding.see_also)],
  ['Plugin Output', (finding) => textOf(finding.plugin_output)],
  ['CVSS v3.0 Base Score', (finding) => textOf(finding.cvss3_base_score)],
  ['Host IP', (finding) => textOf(finding.host_ip)],
  ['FQDN', (finding) => textOf(finding.host_fqdn)],
  ['NetBios', (finding) => textOf(finding.netbios)],
  ['MAC Address', (finding) => textOf(finding.mac)],
  ['OS', (finding) => textOf(finding.os)],
  ['Credentialed', (finding) => textOf(finding.credentialed)],
  ['Host Start', (finding) => textOf(finding.host_start)],
  ['Host End', (finding) => textOf(finding.host_end)],
];

/**
 * CSV (RFC 4180) with the columns of Nessus's own report and the host's fields; like there, a finding has a row for each of its CVEs. What a
 * spreadsheet could take for a formula gets an apostrophe in front.
 */
export const exportCsv: Exporter = async function* (events) {
  yield `${COLUMNS.map(([name]) => quote(name)).join(',')}\r\n`;
  for await (const batch of events) {
    let text = '';
    for (const event of batch) if (event.type === 'finding') text += rowsOf(event.finding);
    if (text !== '') yield text;
  }
};

function rowsOf(finding: Finding): string {
  const cves = listOf(finding.cve);
  return (cves.length === 0 ? [''] : cves)
    .map((cve) => `${COLUMNS.map(([, cell]) => quote(cell(finding, cve))).join(',')}\r\n`)
    .join('');
}

/**
 * Where a spreadsheet could see the beginning of a formula: at the beginning of a cell, behind blanks and quotes, and, since it may
 * take another separator than ours, after one of those and after a line end. Full-width signs count as signs.
 */
const FORMULA = /(^|[;|\t\r\n])([\s'"\u00a0\u3000\ufeff]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20\u2212])/gu;

function quote(cell: string): string {
  const safe = cell.replaceAll(FORMULA, "$1'$2").replace(/^(?=[\t\r])/, "'");
  return `"${safe.replaceAll('"', '""')}"`;
}
