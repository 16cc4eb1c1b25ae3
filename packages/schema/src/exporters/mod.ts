export { exportCsv } from './csv.ts';
export type { Exporter, ExportOptions, NessusEvents } from './exporter.ts';
export { FORMATS, type Format, type FormatName } from './formats.ts';
export { exportHdf } from './hdf.ts';
export { exportHtml } from './html/export_html.ts';
export { exportMarkdown } from './markdown.ts';
export { exportOcsf } from './ocsf/export_ocsf.ts';
export { exportSarif } from './sarif.ts';
