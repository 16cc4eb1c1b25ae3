// A client of protocol 2025-11-25 by hand: it notes the id of every event, resumes streams, and calls again where its
// connection broke, as the protocol says.
import { setTimeout as sleep } from 'node:timers/promises';

const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
};

/** Opens a session and its stream. */
export async function openSession(url) {
  const stats = { calls: 0, retries: 0, resumed: 0, reconnects: 0, progress: 0, problems: [] };
  /** Events of the session's own stream: id, and the URI that it tells of. */
  const told = [];
  const closing = new AbortController();
  let last;
  let number = 0;

  async function post(message, session) {
    const headers = session ? { ...HEADERS, 'mcp-session-id': session } : HEADERS;
    return await fetch(`${url}/mcp`, { method: 'POST', headers, body: JSON.stringify(message) });
  }

  const first = await again(async () => {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 't', version: '0' },
    };
    const response = await post({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
    await response.text();
    return response;
  });
  const session = first.headers.get('mcp-session-id');
  await again(async () =>
    (await post({ jsonrpc: '2.0', method: 'notifications/initialized' }, session)).text(),
  );

  /** Until it gets through; a broken connection says nothing of the call. */
  async function again(attempt) {
    while (true) {
      try {
        return await attempt();
      } catch {
        stats.retries++;
        await sleep(50);
      }
    }
  }

  /** Reads a stream's events; throws where it breaks off. */
  async function read(response, onEvent) {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of response.body) {
      text += decoder.decode(chunk, { stream: true });
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const lines = text.slice(0, end).split('\n');
        text = text.slice(end + 2);
        const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
        const data = field('data');
        onEvent(field('id'), data ? JSON.parse(data) : undefined);
      }
    }
  }

  async function follow() {
    while (!closing.signal.aborted) {
      try {
        const headers = { ...HEADERS, 'mcp-session-id': session, ...(last ? { 'last-event-id': last } : {}) };
        const response = await fetch(`${url}/mcp`, { headers, signal: closing.signal });
        if (response.status !== 200)
          stats.problems.push(`the stream answered ${response.status}: ${await response.text()}`);
        else
          await read(response, (id, message) => {
            if (id) last = id;
            if (message) told.push({ id, uri: message.params?.uri });
          });
      } catch {
        // it broke
      }
      stats.reconnects++;
      await sleep(50);
    }
  }
  const following = follow();

  /** One answer, over however many connections. */
  async function call(method, params) {
    stats.calls++;
    while (true) {
      const id = ++number;
      let [answer, resume] = [];
      const onEvent = (event, message) => {
        if (event) resume = event;
        if (message?.method === 'notifications/progress') stats.progress++;
        if (message && message.id === id && !message.method) answer = message;
      };
      try {
        const response = await post({ jsonrpc: '2.0', id, method, params }, session);
        if (response.status !== 200)
          throw new Error(`${method} answered ${response.status}: ${await response.text()}`);
        await read(response, onEvent);
      } catch (error) {
        if (/answered/.test(error.message)) stats.problems.push(error.message);
      }
      for (let turn = 0; !answer && resume && turn < 200; turn++) {
        stats.resumed++;
        try {
          const headers = { ...HEADERS, 'mcp-session-id': session, 'last-event-id': resume };
          const response = await fetch(`${url}/mcp`, { headers });
          if (response.status !== 200) break;
          await read(response, onEvent);
        } catch {
          // it broke again
        }
        await sleep(50);
      }
      if (answer?.result) return answer.result;
      if (answer && !/server that ran this call has ended/.test(answer.error.message))
        throw new Error(answer.error.message);
      stats.retries++;
      await sleep(50);
    }
  }

  return {
    session,
    stats,
    told,
    call,
    tool: async (name, args, _meta) => {
      const { structuredContent, isError } = await call('tools/call', {
        name,
        arguments: args,
        ...(_meta ? { _meta } : {}),
      });
      if (isError) throw new Error(`${name}: ${structuredContent.message}`);
      return structuredContent;
    },
    async close() {
      closing.abort();
      await following;
    },
  };
}
