// Requests as a caller makes them, and as no client of an SDK would.
import { connect } from 'node:net';

const VERSION = '2026-07-28';
const META = {
  'io.modelcontextprotocol/protocolVersion': VERSION,
  'io.modelcontextprotocol/clientInfo': { name: 'attack', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const JSON_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/** Requests to servers, the first by default. */
export function createRequests(urls, tokens) {
  /** What a request carries that shows who makes it: a caller's name, or a token itself. */
  const bearer = (who) => (who === undefined ? {} : { authorization: `Bearer ${tokens[who] ?? who}` });

  const get = (path, { who, server = 0, headers = {}, ...more } = {}) =>
    fetch(urls[server] + path, { redirect: 'manual', headers: { ...bearer(who), ...headers }, ...more });

  /** One message of the stateless protocol. */
  async function ask(who, method, params = {}, { server = 0, headers = {}, signal } = {}) {
    const response = await fetch(`${urls[server]}/mcp`, {
      method: 'POST',
      signal,
      headers: {
        ...JSON_HEADERS,
        ...bearer(who),
        'mcp-protocol-version': VERSION,
        'mcp-method': method,
        ...nameHeader(params.name ?? params.uri),
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } }),
    });
    const text = await response.text();
    return { status: response.status, text, json: lastJson(text) };
  }

  /** A tool's answer: its text, the text as JSON, whether it is an error. */
  async function call(who, name, args = {}, options = {}) {
    const { status, text, json } = await ask(who, 'tools/call', { name, arguments: args }, options);
    const content = json.result?.content?.[0]?.text ?? '';
    const isError = json.result?.isError === true || json.error !== undefined || status >= 400;
    return { status, isError, text: content || text, json: parse(content) };
  }

  /** A message of the older protocol. */
  const post = (who, body, { server = 0, headers = {}, path = '/mcp', ...more } = {}) =>
    fetch(urls[server] + path, {
      method: 'POST',
      headers: { ...JSON_HEADERS, ...bearer(who), ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
      ...more,
    });

  /** Opens a session of the older protocol; its id. */
  async function session(who, { server = 0 } = {}) {
    const params = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'attack', version: '0' },
    };
    const response = await post(who, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, { server });
    await response.text();
    return response.headers.get('mcp-session-id');
  }

  /** Logs in to the dashboard; the headers that a browser sends from then on. */
  async function login(who, { server = 0 } = {}) {
    const response = await fetch(`${urls[server]}/login`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams({ token: tokens[who] ?? who, to: '/' }),
    });
    return { cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
  }

  /** Bytes on a connection of their own; what came back until it closed or a second of silence. */
  function raw(bytes, { server = 0, silenceMs = 1000 } = {}) {
    const { hostname, port } = new URL(urls[server]);
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname);
      let text = '';
      socket.setTimeout(silenceMs, () => socket.destroy());
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
      socket.write(bytes);
    });
  }

  return { get, ask, call, post, session, login, raw, bearer };
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** What the stateless protocol says of a message in its headers too. */
function nameHeader(name) {
  return typeof name === 'string' && /^[\x20-\x7e]{1,2000}$/.test(name) ? { 'mcp-name': name } : {};
}

/** JSON, or the last message of an event stream. */
function lastJson(text) {
  const data = [...text.matchAll(/^data: (.+)$/gm)].at(-1)?.[1];
  return parse(data ?? text);
}
