import type { Caller } from '@nmcp/access';
import {
  findLastScans,
  getFixPlan,
  getNetwork,
  getOverview,
  mayCall,
  type Services,
  shownChecks,
  submitScan,
  watchOverview,
  watchScan,
} from '@nmcp/scans';
import { isNmcpError, NmcpError } from '@nmcp/types';
import { streamSSE } from 'hono/streaming';
import { OverviewPage, SHOWN_SERIES, type ShownOverview } from '../pages/overview_page.tsx';
import { ScannersPage } from '../pages/scanners_page.tsx';
import type { AddRoutes } from './dashboard_env.ts';
import { page, signalOf } from './respond.ts';

/** Live pages that may be open at the same time. */
const MAX_STREAMS = 500;
const KEEP_ALIVE_MS = 20_000;
/** Ended scans on the overview. */
const ENDED = 8;
/** Steps of the plan on the overview. */
const STEPS = 5;

/** The overview, and the events that make pages reload themselves. */
export const addOverview: AddRoutes = (app, services) => {
  let open = 0;

  app.get('/', async (c) => {
    const caller = c.get('caller');
    const [overview, network, pairs, checks] = await Promise.all([
      getOverview(services, caller, { ended: ENDED }),
      networkOf(services, caller, signalOf(c)),
      findLastScans(services, caller, { limit: SHOWN_SERIES + 1 }),
      shownChecks(services, caller, {}),
    ]);
    const mayScan = mayCall(services, caller, submitScan);
    return page(c, <OverviewPage {...{ overview, network, pairs, checks, caller, mayScan }} />);
  });

  app.get('/scanners', async (c) => {
    const caller = c.get('caller');
    const [overview, checks] = await Promise.all([
      getOverview(services, caller, { ended: 0 }),
      shownChecks(services, caller, {}),
    ]);
    return page(c, <ScannersPage {...{ overview, checks, caller }} />);
  });

  app.get('/events', async (c) => {
    if (c.req.method === 'HEAD') return c.body(null); // nobody would ever read the stream, or end it
    const caller = c.get('caller');
    if (open >= MAX_STREAMS)
      throw new NmcpError('too_many_requests', `${open} live pages are already open`, {
        title: 'Too many requests',
      });
    const giveBack = services.account.open(caller, 'streams');
    const task_id = c.req.query('scan');
    let onChange = (): void => {};
    const tell = (): void => onChange();
    const watching =
      task_id === undefined
        ? watchOverview(services, caller, { onChange: tell })
        : watchScan(services, caller, { task_id, onChange: tell });
    watching.catch(giveBack);
    const end = await watching;
    open++;
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
      giveBack();
      open--;
    });
  });
};

/** What the inventory knows; a database that is away does not take the rest of the page with it. */
async function networkOf(
  services: Services,
  caller: Caller,
  signal: AbortSignal,
): Promise<ShownOverview['network']> {
  try {
    const [summary, plan] = await Promise.all([
      getNetwork(services, caller, {}, signal),
      getFixPlan(services, caller, { as: 'steps', top: STEPS }, signal),
    ]);
    return 'steps' in plan ? { summary, plan } : { problem: '' };
  } catch (error) {
    if (!isNmcpError(error) || error.code === 'too_many_requests') throw error;
    return { problem: error.message };
  }
}
