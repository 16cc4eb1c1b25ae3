import { escapeXml } from './escape_xml.ts';
import { contextOf, type ReportContent, type ReportedHost } from './write_report.ts';

type Content = Pick<ReportContent, 'key' | 'scanName'>;

const RISK = ['None', 'Low', 'Medium', 'High', 'Critical'];

/** The columns of Nessus's own CSV. */
const COLUMNS =
  'Plugin ID,CVE,CVSS v2.0 Base Score,Risk,Host,Protocol,Port,Name,Synopsis,Description,Solution,See Also,Plugin Output';

/** Writes a CSV export, row by row. */
export function* writeCsv(hosts: Iterable<ReportedHost>, content: Content): Generator<string> {
  yield `${COLUMNS}\r\n`;
  for (const reported of hosts) {
    for (const plugin of reported.plugins) {
      const details = plugin.details ?? {};
      const row = [
        plugin.id,
        [details.cve ?? ''].flat().join(' '),
        details.cvss_base_score ?? '',
        RISK[plugin.severity],
        reported.host.name,
        plugin.protocol,
        plugin.port,
        plugin.name,
        plugin.synopsis,
        plugin.description,
        plugin.solution,
        details.see_also ?? '',
        plugin.output?.(contextOf(reported, content)) ?? '',
      ];
      yield `${row.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(',')}\r\n`;
    }
  }
}

/** Writes an HTML export, host by host. */
export function* writeHtml(hosts: Iterable<ReportedHost>, { scanName }: Content): Generator<string> {
  yield `<!doctype html>\n<html><head><meta charset="utf-8"><title>${escapeXml(scanName)}</title></head><body>\n`;
  for (const { host, plugins } of hosts) {
    const items = plugins.map(
      (plugin) => `<li>${RISK[plugin.severity]}: ${plugin.id} ${escapeXml(plugin.name)}</li>\n`,
    );
    yield `<h2>${escapeXml(host.name)}</h2>\n<ul>\n${items.join('')}</ul>\n`;
  }
  yield '</body></html>\n';
}
