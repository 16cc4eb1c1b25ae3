import { exportScan } from '@nmcp/scans';
import type { AddRoutes } from './dashboard_env.ts';

/** The results of a scan as a file. */
export const addExports: AddRoutes = (app, services) => {
  app.get('/scans/:id/export/:format', async (c) => {
    const { id: task_id, format } = c.req.param();
    const content = await exportScan(services, c.get('caller'), { task_id, format });
    return c.body(ReadableStream.from(bytesOf(content)), 200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${task_id}.${format}"`,
    });
  });
};

async function* bytesOf(content: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of content) yield typeof piece === 'string' ? encoder.encode(piece) : piece;
}
