import { exportCsv } from './csv.ts';
import type { Exporter } from './exporter.ts';
import { exportHtml } from './html.ts';
import { exportMarkdown } from './markdown.ts';
import { exportOcsf } from './ocsf.ts';
import { exportSarif } from './sarif.ts';

/** Exporters by the name of their format; JSON-NL has `queryNessus` and `convertNessus`. */
export const EXPORTERS: Readonly<Record<'csv' | 'sarif' | 'ocsf' | 'html' | 'md', Exporter>> = {
  csv: exportCsv,
  sarif: exportSarif,
  ocsf: exportOcsf,
  html: exportHtml,
  md: exportMarkdown,
};

export type { Exporter, NessusEvents } from './exporter.ts';
export { exportCsv, exportHtml, exportMarkdown, exportOcsf, exportSarif };
