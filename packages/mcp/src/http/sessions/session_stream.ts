import { isBefore, type SessionEvent, type SessionStore } from '@nmcp/scans';
import { parseLabel } from './call_events.ts';

/** Milliseconds between two looks for events of which nobody has told. */
const LOOK_MS = 1000;
const LOOK_AT_CALL_MS = 100;
const KEEP_ALIVE_MS = 15_000;
/** Milliseconds after which a client reconnects when its connection broke. */
const RETRY_MS = 1000;

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

/** A stream to be served from the store. */
export interface StreamOptions {
  store: SessionStore;
  session: string;
  /** Goes on after this event. */
  after: string;
  /** Wakes it when there may be something new, and ends it with the session. */
  wakeable: (wake: () => void, end: () => void) => () => void;
  /** Sent first. */
  preface?: string | undefined;
  /** Put before the ids of events. */
  prefix?: string | undefined;
  onClose?: (() => void) | undefined;
}

/** The stream of a session's own messages, from whichever server they are. It ends when the client opens another one. */
export async function streamSession(options: StreamOptions): Promise<Response> {
  const { store, session, prefix = '' } = options;
  const name = crypto.randomUUID();
  await store.openStream(session, name);
  let after = options.after;
  return serve(options, LOOK_MS, async (send) => {
    const reading = await store.read(session, after);
    if (reading.stream !== name) return false;
    for (const event of reading.events) {
      after = event.id;
      if (event.label === undefined)
        send(`event: message\nid: ${prefix}${event.id}\ndata: ${event.message}\n\n`);
    }
    if (reading.events.length > 0) void store.see(session, after).catch(() => {});
    return true;
  });
}

/** The rest of a call's answer, after an event that its client has seen. Of a server that is gone, its calls are told to be. */
export async function streamCall(
  options: Omit<StreamOptions, 'after'> & { label: string },
): Promise<Response> {
  const { store, session, label } = options;
  const call = parseLabel(label);
  let seen = call?.number ?? 0;
  return serve({ ...options, after: '' }, LOOK_AT_CALL_MS, async (send) => {
    if (!call) return false;
    // asked before the look: what it has said until then is there
    const isAlive = await store.isAlive(call.server);
    const { events } = await store.read(session, '0-0');
    const answered = new Set<string | number>();
    for (const event of ofStream(events, call.stream)) {
      const number = parseLabel(event.label ?? '')?.number ?? 0;
      const { id, result, error } = JSON.parse(event.message);
      if (result !== undefined || error !== undefined) answered.add(id);
      if (number <= seen) continue;
      seen = number;
      send(`event: message\nid: ${event.label}\ndata: ${event.message}\n\n`);
    }
    const open = call.ids.filter((id) => !answered.has(id));
    if (open.length > 0 && isAlive) return true;
    for (const id of open) send(`event: message\ndata: ${JSON.stringify(goneAnswer(id))}\n\n`);
    return false;
  });
}

function ofStream(events: readonly SessionEvent[], stream: string): SessionEvent[] {
  return events.filter((event) => event.stream === stream);
}

function goneAnswer(id: string | number): object {
  const message =
    'The server that ran this call has ended. Call again; a submission with the same idempotency_key is made once';
  return { jsonrpc: '2.0', id, error: { code: -32_000, message } };
}

/** The text that gives a stream its first id. */
export function primingEvent(id: string): string {
  return `id: ${id}\nretry: ${RETRY_MS}\ndata: \n\n`;
}

/** Whether a text can be the position of an event. */
export function isPosition(text: string): boolean {
  return /^\d{1,15}-\d{1,10}$/.test(text) && !isBefore(text, '0-0');
}

/** @param look sends what is new; answers whether there can be more */
function serve(
  { wakeable, preface, onClose }: StreamOptions,
  lookMs: number,
  look: (send: (text: string) => void) => Promise<boolean>,
): Response {
  const encoder = new TextEncoder();
  let isOpen = true;
  let wake = (): void => {};
  let isWoken = false;
  let forget = (): void => {};
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    forget();
    wake();
    onClose?.();
  };
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string): void => {
        if (isOpen) controller.enqueue(encoder.encode(text));
      };
      forget = wakeable(() => {
        isWoken = true;
        wake();
      }, close);
      if (preface !== undefined) send(preface);
      void (async () => {
        let quietSince = performance.now();
        while (isOpen) {
          isWoken = false;
          // what a client does not read stays in the store, which keeps the last of it; a store that is away is asked again
          const isRead = (controller.desiredSize ?? 1) > 0;
          if (isRead && !(await look(send).catch(() => true))) break;
          if (performance.now() - quietSince > KEEP_ALIVE_MS) {
            send(': keepalive\n\n');
            quietSince = performance.now();
          }
          if (isOpen && !isWoken)
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, lookMs);
              wake = () => {
                clearTimeout(timer);
                resolve();
              };
            });
        }
        close();
        try {
          controller.close();
        } catch {
          // the client has gone
        }
      })();
    },
    cancel: close,
  });
  return new Response(body, { headers: HEADERS });
}
