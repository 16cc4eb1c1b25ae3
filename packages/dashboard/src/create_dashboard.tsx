import { createReadStream } from 'node:fs';
import { hasScope, mayUsePool, owns } from '@nmcp/access';
import { compareScans, type FindingsIndex, summarizeScan } from '@nmcp/results';
import { EXPORTERS, type Finding, readNessus } from '@nmcp/schema';
import { readOverview, retryDeadTask, TaskFeed, taskNotFound } from '@nmcp/tasks';
import { isNmcpError, isPoolName, NmcpError, parseTaskId, SCAN_STATES, type Task } from '@nmcp/types';
import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import type { Child } from 'hono/jsx';
import { streamSSE } from 'hono/streaming';
import { SCRIPT, STYLE } from './assets.ts';
import { FINDINGS_A_PAGE, findingsOf } from './findings_of.ts';
import { OverviewWatch } from './live_events.ts';
import type { DashboardEnv, DashboardOptions } from './options.ts';
import { ComparePage, DeadLettersPage, FindingPage, LoginPage, ProblemPage } from './other_pages.tsx';
import { OverviewPage } from './overview_page.tsx';
import { ScanPage } from './scan_page.tsx';
import { SCANS_A_PAGE, ScansPage } from './scans_page.tsx';

const COOKIE = 'nmcp_session';
const SESSION_SECONDS = 28_800;
/** Pages that are followed live at a time. */
const MAX_STREAMS = 500;
const KEEP_ALIVE_MS = 20_000;
/** Nothing from elsewhere, nothing inline, in no frame. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/** Fields that hold what hosts have answered, word for word. */
const HOST_WORDS = /^(?:plugin_output|attachment|cm:)/;

/** Paths that the dashboard answers; whoever mounts it leaves the others to the API. */
export const DASHBOARD_PATHS: RegExp = /^\/(?:$|scans|dead-letters|login|logout|events|assets\/)/;

/** The dashboard: pages for people, with the authentication of the API, by a cookie that only this server's pages send. */
export function createDashboard(options: DashboardOptions): Hono<DashboardEnv> {
  const { tasks, queue, registry, results, identify, local, vault, lockdown } = options;
  const feed = new TaskFeed(tasks);
  const watch = new OverviewWatch(options);
  let streams = 0;
  const app = new Hono<DashboardEnv>();

  app.use(async (c, next) => {
    await next();
    c.header('content-security-policy', POLICY);
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'same-origin');
    c.header('cache-control', c.req.path.startsWith('/assets/') ? 'max-age=3600' : 'no-store');
  });
  app.get('/assets/dashboard.css', (c) => c.body(STYLE, 200, { 'content-type': 'text/css; charset=utf-8' }));
  app.get('/assets/dashboard.js', (c) =>
    c.body(SCRIPT, 200, { 'content-type': 'text/javascript; charset=utf-8' }),
  );

  app.get('/login', (c) => page(c, <LoginPage to={ownPath(c.req.query('to'))} />));
  app.post('/login', async (c) => {
    const form = await c.req.parseBody();
    const [token, to] = [String(form.token ?? ''), ownPath(String(form.to ?? ''))];
    const caller = identify ? await identify(token, fromOf(c)) : local;
    if (caller instanceof Response)
      return page(
        c,
        <LoginPage to={to} problem={await problemOf(caller)} />,
        caller.status === 429 ? 429 : 401,
      );
    const secure = new URL(c.req.url).protocol === 'https:';
    setCookie(c, COOKIE, token, {
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      maxAge: SESSION_SECONDS,
      secure,
    });
    return c.redirect(to, 303);
  });
  app.post('/logout', (c) => {
    setCookie(c, COOKIE, '', { httpOnly: true, sameSite: 'Strict', path: '/', maxAge: 0 });
    return c.redirect('/login', 303);
  });

  app.use(async (c, next) => {
    const caller = identify ? await identify(getCookie(c, COOKIE), fromOf(c)) : local;
    if (caller instanceof Response) {
      if (c.req.method !== 'GET' || c.req.path === '/events') return caller;
      return c.redirect(`/login?to=${encodeURIComponent(c.req.path)}`, 303);
    }
    if (!hasScope(caller, 'read'))
      return c.json({ error: 'Not allowed', message: 'Your token has no scope', status_code: 403 }, 403);
    c.set('caller', caller);
    c.set('formToken', (await vault.fingerprint(`form of ${caller.name}`)).slice(0, 32));
    return await next();
  });
  app.onError((error, c) => {
    const caller = c.get('caller') ?? local;
    if (!isNmcpError(error)) throw error;
    const status = error.status === 404 || error.status === 403 || error.status === 409 ? error.status : 400;
    return page(c, <ProblemPage title={error.title} text={error.message} caller={caller} />, status);
  });

  app.get('/', async (c) => {
    const caller = c.get('caller');
    const overview = await readOverview(options, {
      mayShow: ({ owner }) => owns(caller, owner),
      mayUse: (pool) => mayUsePool(caller, pool),
      ended: 10,
    });
    return page(c, <OverviewPage overview={overview} caller={caller} />);
  });

  app.get('/scans', async (c) => {
    const caller = c.get('caller');
    const query = {
      status: c.req.query('status') || undefined,
      targets: c.req.query('targets') || undefined,
      text: c.req.query('text') || undefined,
      page: pageNumber(c.req.query('page')),
    };
    let problem: string | undefined;
    const status = SCAN_STATES.find((state) => state === query.status);
    const found = await tasks.list({ status, targets: query.targets }).catch((error: unknown) => {
      if (!isNmcpError(error, 'invalid_input')) throw error;
      problem = error.message; // what was asked for is shown, with what is wrong
      return [];
    });
    const words = query.text?.toLowerCase();
    const own = found.filter(
      ({ owner, task_id, payload }) =>
        owns(caller, owner) &&
        (words === undefined || `${payload.name} ${task_id}`.toLowerCase().includes(words)),
    );
    const from = (query.page - 1) * SCANS_A_PAGE;
    const shown = own.slice(from, from + SCANS_A_PAGE);
    return page(c, <ScansPage {...{ caller, query, problem }} tasks={shown} total={own.length} />);
  });

  app.get('/scans/:id', async (c) => {
    const caller = c.get('caller');
    const task = await ownTask(c, c.req.param('id'));
    if (task.status !== 'completed') return page(c, <ScanPage task={task} caller={caller} />);
    const index = await openIndex(task);
    const query = {
      severity: c.req.query('severity') || undefined,
      host: c.req.query('host') || undefined,
      text: c.req.query('text') || undefined,
      cve: c.req.query('cve') || undefined,
      filters: c.req.query('filters') || undefined,
      page: pageNumber(c.req.query('page')),
    };
    // an imported report can name hosts that are no targets of ours
    const same = await tasks
      .list({ status: 'completed', targets: task.payload.targets })
      .catch((): Task[] => []);
    const others = same.filter(
      ({ task_id, owner, created_at }) =>
        task_id !== task.task_id && owns(caller, owner) && created_at <= task.created_at,
    );
    const shown = {
      ...findingsOf(index, query, lockdown),
      summary: summarizeScan(index),
      logins: index.validation.logins,
      others: others.slice(0, 20),
    };
    return page(c, <ScanPage task={task} caller={caller} results={shown} />);
  });

  app.get('/scans/:id/hosts/:host/plugins/:plugin', async (c) => {
    const task = await ownTask(c, c.req.param('id'));
    const [host, plugin] = [c.req.param('host'), c.req.param('plugin')];
    const index = await openIndex(task);
    const { rows } = index.select({ host: { in: [host] }, plugin_id: { in: [plugin] } });
    if (rows.length === 0)
      throw new NmcpError('not_found', 'The scan has no such finding', { title: 'Finding not found' });
    const findings = [...rows.subarray(0, FINDINGS_A_PAGE)].map((row) => shownFields(index.finding(row)));
    return page(c, <FindingPage {...{ task, host, findings }} caller={c.get('caller')} />);
  });

  app.get('/scans/:id/compare', async (c) => {
    const later = await ownTask(c, c.req.param('id'));
    const earlier = await ownTask(c, c.req.query('with') ?? '');
    const comparison = compareScans(await openIndex(earlier), await openIndex(later), { top: 20 });
    return page(c, <ComparePage {...{ earlier, later, comparison }} caller={c.get('caller')} />);
  });

  app.get('/scans/:id/export/:format', async (c) => {
    const task = await ownTask(c, c.req.param('id'));
    const format = c.req.param('format');
    await openIndex(task); // says what is wrong, if something is
    if (lockdown)
      throw new NmcpError('policy_denied', 'This server is in lock-down, so results are not exported', {
        title: 'Not allowed',
      });
    const source = createReadStream(tasks.paths(task.task_id).native);
    const type = { 'content-type': 'application/octet-stream' };
    const name = { 'content-disposition': `attachment; filename="${task.task_id}.${format}"` };
    if (format === 'nessus') return c.body(ReadableStream.from(source), 200, { ...type, ...name });
    if (!Object.hasOwn(EXPORTERS, format))
      throw new NmcpError('not_found', `There is no export ${format.slice(0, 20)}`, { title: 'Not found' });
    const text = EXPORTERS[format as keyof typeof EXPORTERS](readNessus(source)); // checked above
    return c.body(ReadableStream.from(encoded(text)), 200, { ...type, ...name });
  });

  app.get('/dead-letters', async (c) => {
    requireAdmin(c);
    return await deadLettersPage(c);
  });
  app.post('/dead-letters/retry', async (c) => {
    requireAdmin(c);
    const form = await c.req.parseBody();
    if (form.form !== c.get('formToken'))
      throw new NmcpError('policy_denied', 'The form is not from this page; open it again', {
        title: 'Not allowed',
      });
    const pool = String(form.pool ?? '');
    if (!isPoolName(pool) || !mayUsePool(c.get('caller'), pool))
      throw new NmcpError('invalid_input', 'The form names no pool');
    const task = await retryDeadTask(options, pool, String(form.id ?? ''));
    return await deadLettersPage(c, `${task.task_id} repeats ${String(form.id)}.`);
  });

  app.get('/events', async (c) => {
    if (streams >= MAX_STREAMS)
      return c.json(
        { error: 'Too many requests', message: `${MAX_STREAMS} pages are followed`, status_code: 429 },
        429,
      );
    const id = c.req.query('scan');
    const task = id === undefined ? undefined : await ownTask(c, id);
    streams++;
    return streamSSE(c, async (stream) => {
      const tell = (): void => void stream.writeSSE({ event: 'change', data: '' });
      const end = task ? feed.listen(task.task_id, tell) : watch.listen(tell);
      const keepAlive = setInterval(() => void stream.write(': \n\n'), KEEP_ALIVE_MS);
      // who has gone before this is told at once
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
  return app;

  async function ownTask(c: Context<DashboardEnv>, text: string): Promise<Task> {
    const id = parseTaskId(text);
    const task = await tasks.read(id);
    if (!owns(c.get('caller'), task.owner)) throw taskNotFound(id);
    return task;
  }

  async function openIndex(task: Task): Promise<FindingsIndex> {
    if (task.status === 'completed') return await results.open(tasks.paths(task.task_id).native);
    throw new NmcpError('not_ready', `The scan ${task.task_id} is ${task.status}`, {
      title: 'Not completed yet',
    });
  }

  function shownFields(finding: Finding): Finding {
    if (!lockdown) return finding;
    return Object.fromEntries(Object.entries(finding).filter(([name]) => !HOST_WORDS.test(name))) as Finding; // fewer of the same
  }

  async function deadLettersPage(c: Context<DashboardEnv>, said?: string): Promise<Response> {
    const letters = await Promise.all(
      registry
        .pools()
        .filter((pool) => mayUsePool(c.get('caller'), pool))
        .map((pool) => queue.deadLetters(pool, FINDINGS_A_PAGE)),
    );
    const [caller, formToken] = [c.get('caller'), c.get('formToken')];
    return await page(c, <DeadLettersPage {...{ caller, formToken, said }} letters={letters.flat()} />);
  }
}

async function page(
  c: Context,
  content: Child,
  status: 200 | 400 | 401 | 403 | 404 | 409 | 429 = 200,
): Promise<Response> {
  return c.html(`<!doctype html>${await Promise.resolve(content)}`, status);
}

function fromOf(c: Context<DashboardEnv>): { address: string; url: string } {
  return { address: c.env.address, url: c.req.url };
}

function requireAdmin(c: Context<DashboardEnv>): void {
  if (hasScope(c.get('caller'), 'admin')) return;
  throw new NmcpError('policy_denied', 'This page is for tokens with the scope admin', {
    title: 'Not allowed',
  });
}

/** A path of this server: nobody may be led elsewhere after a login. */
function ownPath(text: string | undefined): string {
  return text !== undefined && /^\/(?![/\\])[\w\-/.?=&%]*$/.test(text) ? text : '/';
}

async function problemOf(response: Response): Promise<string> {
  const body = (await response.json()) as { message?: string }; // ours, from the gate
  return body.message ?? 'The token was refused';
}

function pageNumber(text: string | undefined): number {
  return text !== undefined && /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 1;
}

async function* encoded(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of text) yield encoder.encode(piece);
}
