import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';

/** What most programs need: a connection, a scan from creation to its results. */
const ENTRY = `export { createNessusClient, listScans, getScan, createScan, launchScan, stopScan, exportScan } from '@nmcp/nessus-client';`;

/** Kilobytes of a bundle of the core client with its dependencies, minified and gzipped. */
export async function measureSize() {
  const bundle = await rolldown({
    input: 'entry',
    platform: 'browser',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? new URL('entry.mjs', import.meta.url).pathname : undefined),
        load: (id) => (id.endsWith('/src/entry.mjs') ? ENTRY : undefined),
      },
    ],
    logLevel: 'warn',
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  const code = output.map((chunk) => chunk.code ?? '').join('');
  return gzipSync(code, { level: 9 }).length / 1000;
}
