import type { Context, MiddlewareHandler } from 'hono';
import { cutConnection } from '../cut_connection.ts';
import type { Env } from '../routes/app.ts';
import type { QuirkAnswer, QuirkCall } from './quirk.ts';
import type { Quirks } from './quirks.ts';

/** Answers as the quirks say that are on. */
export function withQuirks(quirks: Quirks): MiddlewareHandler<Env> {
  return async (c, next) => {
    const active = quirks.actions();
    if (active.length === 0) return await next();
    const call = callOf(c);
    for (const quirk of active) {
      const answer = await quirk.before?.(call);
      if (answer) return respond(c, answer);
    }
    await next();
    if (c.res.status >= 300) return undefined;
    let json: unknown;
    if (c.res.headers.get('content-type')?.startsWith('application/json')) {
      json = await c.res.json();
      for (const quirk of active) if (quirk.edit) json = quirk.edit(json, call);
      replace(c, respond(c, { status: c.res.status, json }));
    }
    for (const quirk of active) {
      const answer = quirk.after?.(call, json);
      if (answer) replace(c, respond(c, answer));
    }
    return undefined;
  };
}

function callOf(c: Context<Env>): QuirkCall {
  const { method, path } = c.req;
  return {
    method,
    path,
    async body() {
      const text = await c.req.raw.clone().text(); // the routes read the body after us
      return text.startsWith('{') ? JSON.parse(text) : {};
    },
  };
}

/** With nothing left of the answer that was there: Hono would keep its headers. */
function replace(c: Context<Env>, response: Response): void {
  c.res = undefined;
  c.res = response;
}

function respond(c: Context<Env>, answer: QuirkAnswer): Response {
  if (answer === 'closed') return cutConnection(c);
  const { status, headers = {}, json, body } = answer;
  if (body !== undefined) return new Response(body, { status, headers });
  return new Response(JSON.stringify(json), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
