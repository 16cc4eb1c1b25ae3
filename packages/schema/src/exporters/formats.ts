import type { Exporter } from './exporter.ts';

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
 * Formats by their names; JSON lines have `queryNessus` and `convertNessus`. Each is loaded when it is used.
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
  csv: format('CSV in the columns of Nessus', 'csv', 'text/csv; charset=utf-8', {
    load: () => import('./csv.ts').then((module) => module.exportCsv),
    hasColumns: true,
  }),
  xlsx: format(
    'Excel workbook',
    'xlsx',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    {
      load: () => import('./xlsx/export_xlsx.ts').then((module) => module.exportXlsx),
      hasColumns: true,
    },
  ),
  sarif: format('SARIF 2.1.0', 'sarif', 'application/sarif+json', {
    load: () => import('./sarif.ts').then((module) => module.exportSarif),
  }),
  ocsf: format('OCSF 1.3 events', 'ocsf.jsonl', 'application/x-ndjson', {
    load: () => import('./ocsf/export_ocsf.ts').then((module) => module.exportOcsf),
  }),
  hdf: format('Heimdall Data Format', 'hdf.json', 'application/json', {
    load: () => import('./hdf.ts').then((module) => module.exportHdf),
  }),
  ckl: format('STIG Viewer checklist', 'ckl', 'application/xml', {
    load: () => import('./ckl/export_ckl.ts').then((module) => module.exportCkl),
  }),
  html: format('HTML report', 'html', 'text/html; charset=utf-8', {
    load: () => import('./html/export_html.ts').then((module) => module.exportHtml),
  }),
  md: format('Markdown summary', 'md', 'text/markdown; charset=utf-8', {
    load: () => import('./markdown.ts').then((module) => module.exportMarkdown),
  }),
};

function format(
  title: string,
  extension: string,
  mediaType: string,
  { load, hasColumns = false }: { load: () => Promise<Exporter>; hasColumns?: boolean },
): Format {
  return {
    ...{ title, extension, mediaType, hasColumns },
    async *exporter(events, options) {
      const exporter = await load();
      yield* exporter(events, options);
    },
  };
}
