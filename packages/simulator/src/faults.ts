import type { Context, MiddlewareHandler } from 'hono';
import { cutConnection } from './cut_connection.ts';
import type { Fault } from './fault.ts';
import type { Env } from './routes/app.ts';
import type { ScannerState } from './state/scanner_state.ts';

/** The faults that are still to come. */
export class Faults {
  #rules: (Required<Pick<Fault, 'method' | 'times' | 'skip'>> & Fault)[] = [];

  add(fault: Fault): void {
    this.#rules.push({ method: '', times: 1, skip: 0, ...fault });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The fault of a call, if it has one; it is used up by one. */
  take(method: string, path: string): Fault | undefined {
    for (const rule of this.#rules) {
      if ((rule.method !== '' && rule.method !== method) || !rule.path.test(path)) continue;
      if (rule.skip-- > 0) continue;
      if (--rule.times <= 0) this.#rules = this.#rules.filter((other) => other !== rule);
      return rule;
    }
    return undefined;
  }
}

/** Lets calls go wrong as the faults say. */
export function injectFaults(faults: Faults, state: ScannerState): MiddlewareHandler<Env> {
  return async (c, next) => {
    const fault = faults.take(c.req.method, c.req.path);
    if (!fault) return await next();
    if (fault.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault.expireSessions) state.accounts.expireSessions();
    if (fault.reset === true) return cutConnection(c);
    if (fault.status !== undefined) {
      const body = fault.body ?? JSON.stringify({ error: 'Fault on demand' });
      return new Response(body, { status: fault.status, headers: fault.headers ?? {} });
    }
    await next();
    if (fault.reset === 'afterwards') {
      c.res = undefined; // else the answer's headers are kept
      c.res = cutConnection(c);
    }
    if (fault.halfBody) c.res = await halved(c);
    if (fault.bytesPerSecond) c.res = slowed(c.res, fault.bytesPerSecond);
    return undefined;
  };
}

async function halved(c: Context<Env>): Promise<Response> {
  const bytes = new Uint8Array(await c.res.arrayBuffer());
  const headers = new Headers(c.res.headers);
  headers.set('content-length', String(bytes.length));
  const { socket } = c.env.incoming;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.subarray(0, Math.ceil(bytes.length / 2)));
      // without a reset, at which the client's system would throw away what the client has not read yet
      setTimeout(() => socket.destroy(), CUT_AFTER_MS);
    },
  });
  return new Response(body, { status: c.res.status, headers });
}

/** Milliseconds that half an answer has to leave. */
const CUT_AFTER_MS = 20;

const SLOW_STEPS_PER_SECOND = 20;

function slowed(response: Response, bytesPerSecond: number): Response {
  const size = Math.max(1, Math.floor(bytesPerSecond / SLOW_STEPS_PER_SECOND));
  const slow = new TransformStream<Uint8Array, Uint8Array>({
    async transform(chunk, controller) {
      for (let at = 0; at < chunk.length; at += size) {
        await new Promise((resolve) => setTimeout(resolve, 1000 / SLOW_STEPS_PER_SECOND));
        controller.enqueue(chunk.subarray(at, at + size));
      }
    },
  });
  return new Response(response.body?.pipeThrough(slow) ?? null, response);
}
