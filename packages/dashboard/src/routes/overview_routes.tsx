import { getOverview, mayCall, type Services, submitScan, watchOverview, watchScan } from '@nmcp/scans';
import type { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { OverviewPage } from '../pages/overview_page.tsx';
import type { DashboardEnv } from './dashboard_env.ts';
import { page } from './respond.ts';

/** Live pages that may be open at the same time. */
const MAX_STREAMS = 500;
/** Those of one caller, so that he cannot hold all. */
const STREAMS_A_CALLER = 32;
const KEEP_ALIVE_MS = 20_000;
/** Milliseconds between two looks whether the caller still may. */
const LOOK_MS = 1000;

/** The overview, and the events that make pages reload themselves. */
export function addOverview(
  app: Hono<DashboardEnv>,
  services: Services,
  { streams: most = STREAMS_A_CALLER }: { streams?: number | undefined },
): void {
  const open = new Map<string, number>();

  app.get('/', async (c) => {
    const caller = c.get('caller');
    const overview = await getOverview(services, caller, { ended: 10 });
    const mayScan = mayCall(services, caller, submitScan);
    return page(c, <OverviewPage {...{ overview, caller, mayScan }} />);
  });

  app.get('/events', async (c) => {
    if (c.req.method === 'HEAD') return c.body(null); // nobody would ever read the stream, or end it
    const caller = c.get('caller');
    const own = open.get(caller.name) ?? 0;
    const all = [...open.values()].reduce((sum, count) => sum + count, 0);
    if (own >= most || all >= MAX_STREAMS)
      return c.json(
        {
          error: 'Too many requests',
          message:
            own >= most ? `You have ${own} live pages open; close one` : `${all} live pages are already open`,
          status_code: 429,
        },
        429,
      );
    const task_id = c.req.query('scan');
    let onChange = (): void => {};
    const tell = (): void => onChange();
    const end =
      task_id === undefined
        ? await watchOverview(services, caller, { onChange: tell })
        : await watchScan(services, caller, { task_id, onChange: tell });
    open.set(caller.name, own + 1);
    return streamSSE(c, async (stream) => {
      onChange = () => void stream.writeSSE({ event: 'change', data: '' });
      const keepAlive = setInterval(() => void stream.write(': \n\n'), KEEP_ALIVE_MS);
      const isStill = c.get('isStill');
      let look: ReturnType<typeof setInterval> | undefined;
      // a client that left before this line is noticed at once
      const gone = new Promise<void>((resolve) => {
        stream.onAbort(resolve);
        if (stream.aborted) resolve();
        look = setInterval(() => {
          isStill().then(
            (still) => still || resolve(),
            () => {}, // who cannot be asked has not said no
          );
        }, LOOK_MS);
      });
      await stream.write(': open\n\n');
      await gone;
      clearInterval(look);
      clearInterval(keepAlive);
      end();
      const left = (open.get(caller.name) ?? 1) - 1;
      if (left > 0) open.set(caller.name, left);
      else open.delete(caller.name);
    });
  });
}
