import { exportScan } from '@nmcp/scans';
import type { AddRoutes } from './dashboard_env.ts';
import { signalOf } from './respond.ts';

/** The results of a scan as a file. */
export const addExports: AddRoutes = (app, services) => {
  app.get('/scans/:id/export/:format', async (c) => {
    const { id: task_id, format } = c.req.param();
    const content = await exportScan(services, c.get('caller'), { task_id, format }, signalOf(c));
    return c.body(ReadableStream.from(content), 200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${task_id}.${format}"`,
    });
  });
};
