import type { Context } from 'hono';
import * as v from 'valibot';
import { anyNumber, anyText } from '../lax.ts';
import { parseBody } from '../parse_body.ts';
import { writeCsv, writeHtml } from '../report/other_formats.ts';
import { readReport } from '../report/read_report.ts';
import { textStream } from '../report/text_stream.ts';
import { documentOf, finishedHosts } from '../scan.ts';
import type { ExportFile, ExportFormat } from '../state/exports.ts';
import { Refusal } from '../state/refusal.ts';
import type { ScannerState } from '../state/scanner_state.ts';
import { type AddRoutes, type Env, idOf, numberOf } from './app.ts';
import { listEntry } from './scan_views.ts';

const FORMATS: readonly [ExportFormat, ...ExportFormat[]] = ['nessus', 'csv', 'html', 'pdf', 'db'];

const ExportBody = v.looseObject({
  format: v.picklist(FORMATS, `expected one of ${FORMATS.join(', ')}`),
  password: v.optional(anyText),
});
const ImportBody = v.looseObject({ file: v.string(), folder_id: v.optional(anyNumber, 3) });

/** Exports, tokens, uploads and imports. */
export const addFileRoutes: AddRoutes = (app, state) => {
  app.post('/scans/:id{[0-9]+}/export', async (c) => {
    const { format, password } = await parseBody(c.req.raw, ExportBody);
    if (format === 'db' && !password) throw new Refusal(400, 'A password is required');
    return c.json(state.startExport(idOf(c), format, numberOf(c, 'history_id')));
  });
  app.get('/scans/:id{[0-9]+}/export/formats', (c) => {
    state.scans.get(idOf(c));
    return c.json({ formats: FORMATS });
  });
  const keyOf = (c: Context<Env>): string => `${c.req.param('id')}/${c.req.param('file')}`;
  app.get('/tokens/:token/status', (c) => c.json({ status: state.exports.status(c.req.param('token')) }));
  app.get('/tokens/:token/download', (c) => download(c, state.exports.written(c.req.param('token')), state));
  app.get('/scans/:id{[0-9]+}/export/:file/status', (c) =>
    c.json({ status: state.exports.status(keyOf(c)) }),
  );
  app.get('/scans/:id{[0-9]+}/export/:file/download', (c) =>
    download(c, state.exports.written(keyOf(c)), state),
  );
  app.post('/file/upload', async (c) => {
    const form = await c.req.formData().catch(() => {
      throw new Refusal(400, 'The body is not a form');
    });
    const file = form.get('Filedata');
    if (!(file instanceof File)) throw new Refusal(400, 'Filedata is missing');
    const name = file.name.replaceAll(/[^\w.-]/g, '_') || 'file';
    return c.json({ fileuploaded: state.uploads.add(name, new Uint8Array(await file.arrayBuffer())) });
  });
  app.post('/scans/import', async (c) => {
    const { file, folder_id } = await parseBody(c.req.raw, ImportBody);
    const report = await readReport(state.uploads.get(file));
    return c.json({ scan: listEntry(state.scans.import(report, folder_id), state) });
  });
};

const TYPES: Readonly<Record<ExportFormat, string>> = {
  nessus: 'application/octet-stream',
  csv: 'text/csv',
  html: 'text/html',
  pdf: 'application/pdf',
  db: 'application/octet-stream',
};

/** A file, from a byte on where Range asks for one. */
function download(c: Context<Env>, file: ExportFile, state: ScannerState): Response {
  const headers: Record<string, string> = {
    'content-type': TYPES[file.format],
    'content-disposition': `attachment; filename="scan.${file.format}"`,
  };
  const from = /^bytes=(\d+)-$/.exec(c.req.header('range') ?? '')?.[1];
  const body = textStream(contentOf(file, state));
  if (from === undefined) return new Response(body, { headers });
  return new Response(body.pipeThrough(skip(Number(from))), {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${from}-/*` },
  });
}

function contentOf(file: ExportFile, state: ScannerState): Iterator<string> {
  if (file.kind === 'policy') return [policyXml(state.management.policies.get(file.id).name)].values();
  const scan = state.scans.get(file.id);
  const run = state.scans.run(scan, file.historyId);
  const hosts = (): ReturnType<typeof finishedHosts> => finishedHosts(scan, state.world, state.now(), run);
  const content = { scanName: scan.name, key: String(state.settings.seed) };
  switch (file.format) {
    case 'nessus':
      return documentOf(scan, state.world, state.now(), run);
    case 'csv':
      return writeCsv(hosts(), content);
    case 'html':
      return writeHtml(hosts(), content);
    case 'pdf':
      return ['%PDF-1.4\n% A report of the simulator has no pages\n%%EOF\n'].values();
    case 'db':
      return ['A database of the simulator is encrypted and holds nothing\n'].values();
  }
}

function policyXml(name: string): string {
  return `<?xml version="1.0" ?>\n<NessusClientData_v2>\n<Policy><policyName>${name.replaceAll(/[<&]/g, '')}</policyName>\n</Policy>\n</NessusClientData_v2>\n`;
}

/** Leaves out the first bytes. */
function skip(count: number): TransformStream<Uint8Array, Uint8Array> {
  let left = count;
  return new TransformStream({
    transform(chunk, controller) {
      const rest = chunk.subarray(Math.min(left, chunk.length));
      left -= chunk.length - rest.length;
      if (rest.length > 0) controller.enqueue(rest);
    },
  });
}
