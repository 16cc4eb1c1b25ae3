import { exportCsv } from './csv.ts';
import type { Exporter } from './exporter.ts';
import { exportHdf } from './hdf.ts';
import { exportHtml } from './html/export_html.ts';
import { exportMarkdown } from './markdown.ts';
import { exportOcsf } from './ocsf/export_ocsf.ts';
import { exportSarif } from './sarif.ts';

/** A format of findings. */
export interface Format {
  /** As people call it. */
  title: string;
  /** What files of it end with, without the dot. */
  extension: string;
  mediaType: string;
  /** It has columns, so that fields can be chosen and rows can be sorted. */
  hasColumns: boolean;
  exporter: Exporter;
}

/** Names of {@linkcode FORMATS}. */
export type FormatName = 'csv' | 'xlsx' | 'sarif' | 'ocsf' | 'hdf' | 'ckl' | 'html' | 'md';

/**
 * Formats by their names; JSON lines have `queryNessus` and `convertNessus`. What needs a library loads it when it is used.
 *
 * @example
 * ```ts
 * import { FORMATS, readFindings } from '@nmcp/schema';
 *
 * const xml = '<NessusClientData_v2><Report name="r"/></NessusClientData_v2>';
 * let text = '';
 * for await (const piece of FORMATS.csv.exporter(readFindings(new Blob([xml]).stream()), { fields: ['host', 'severity'] })) text += piece;
 * console.assert(text === '"host","severity"\r\n');
 * ```
 */
export const FORMATS: Readonly<Record<FormatName, Format>> = {
  csv: format('CSV in the columns of Nessus', 'csv', 'text/csv; charset=utf-8', exportCsv, true),
  xlsx: format(
    'Excel workbook',
    'xlsx',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    async function* (events, options) {
      const { exportXlsx } = await import('./xlsx/export_xlsx.ts');
      yield* exportXlsx(events, options);
    },
    true,
  ),
  sarif: format('SARIF 2.1.0', 'sarif', 'application/sarif+json', exportSarif),
  ocsf: format('OCSF 1.3 events', 'ocsf.jsonl', 'application/x-ndjson', exportOcsf),
  hdf: format('Heimdall Data Format', 'hdf.json', 'application/json', exportHdf),
  ckl: format('STIG Viewer checklist', 'ckl', 'application/xml', async function* (events, options) {
    const { exportCkl } = await import('./ckl/export_ckl.ts');
    yield* exportCkl(events, options);
  }),
  html: format('HTML report', 'html', 'text/html; charset=utf-8', exportHtml),
  md: format('Markdown summary', 'md', 'text/markdown; charset=utf-8', exportMarkdown),
};

function format(
  title: string,
  extension: string,
  mediaType: string,
  exporter: Exporter,
  hasColumns = false,
): Format {
  return { title, extension, mediaType, exporter, hasColumns };
}

export type { Exporter, ExportOptions, NessusEvents } from './exporter.ts';
export { exportCsv, exportHdf, exportHtml, exportMarkdown, exportOcsf, exportSarif };
