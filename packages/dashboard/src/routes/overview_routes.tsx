import { getOverview, mayCall, submitScan, watchOverview, watchScan } from '@nmcp/scans';
import { streamSSE } from 'hono/streaming';
import { OverviewPage } from '../pages/overview_page.tsx';
import type { AddRoutes } from './dashboard_env.ts';
import { page } from './respond.ts';

/** Live pages that may be open at the same time. */
const MAX_STREAMS = 500;
const KEEP_ALIVE_MS = 20_000;

/** The overview, and the events that make pages reload themselves. */
export const addOverview: AddRoutes = (app, services) => {
  let streams = 0;

  app.get('/', async (c) => {
    const caller = c.get('caller');
    const overview = await getOverview(services, caller, { ended: 10 });
    const mayScan = mayCall(services, caller, submitScan);
    return page(c, <OverviewPage {...{ overview, caller, mayScan }} />);
  });

  app.get('/events', async (c) => {
    if (streams >= MAX_STREAMS)
      return c.json(
        {
          error: 'Too many requests',
          message: `${MAX_STREAMS} live pages are already open`,
          status_code: 429,
        },
        429,
      );
    const caller = c.get('caller');
    const task_id = c.req.query('scan');
    let onChange = (): void => {};
    const tell = (): void => onChange();
    const end =
      task_id === undefined
        ? await watchOverview(services, caller, { onChange: tell })
        : await watchScan(services, caller, { task_id, onChange: tell });
    streams++;
    return streamSSE(c, async (stream) => {
      onChange = () => void stream.writeSSE({ event: 'change', data: '' });
      const keepAlive = setInterval(() => void stream.write(': \n\n'), KEEP_ALIVE_MS);
      // a client that left before this line is noticed at once
      const gone = new Promise<void>((resolve) => {
        stream.onAbort(resolve);
        if (stream.aborted) resolve();
      });
      await stream.write(': open\n\n');
      await gone;
      clearInterval(keepAlive);
      end();
      streams--;
    });
  });
};
