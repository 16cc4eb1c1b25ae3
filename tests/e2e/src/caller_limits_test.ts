import { writeFile } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { serveSimulated } from './app_process.ts';
import { makeToken } from './make_token.ts';
import { connect } from './mcp_client.ts';
import { pageCookie } from './page_login.ts';
import { MCP_HEADERS, postMcp } from './post_mcp.ts';

describe('a caller', () => {
  interface Limited extends AsyncDisposable {
    url: string;
    token: string;
  }
  async function limited(environment: Record<string, string>): Promise<Limited> {
    const folder = await tempFolder();
    const token = await makeToken(folder.path, 'a');
    const app = await serveSimulated([], { DATA_DIR: folder.path, ...environment });
    return {
      url: app.url,
      token,
      async [Symbol.asyncDispose]() {
        await app.stop();
        await folder[Symbol.asyncDispose]();
      },
    };
  }
  const list = ({ url, token }: Limited): Promise<Response> =>
    postMcp(url, 'tools/list', { headers: { authorization: `Bearer ${token}` } });

  test('that makes too many calls in a minute is told to wait', async () => {
    await using s = await limited({ CALLS_PER_MINUTE: '5' });
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      const answer = await list(s);
      statuses.push(answer.status);
      if (answer.status !== 429) continue;
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await answer.json()).toMatchObject({
        message: 'Your 5 calls a minute are used up; heavy ones count as several',
      });
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
  });

  test('pays for each message of a batch, which may not have too many', async () => {
    await using s = await limited({ CALLS_PER_MINUTE: '50' });
    const batch = (messages: number): Promise<Response> =>
      fetch(`${s.url}/mcp`, {
        method: 'POST',
        headers: { ...MCP_HEADERS, authorization: `Bearer ${s.token}` },
        body: JSON.stringify(
          Array.from({ length: messages }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' })),
        ),
      });
    expect((await batch(101)).status).toBe(400);
    await batch(60);
    expect((await list(s)).status).toBe(429);
  });

  test('pays at every door: pages, streams and the old transport', async () => {
    await using s = await limited({ CALLS_PER_MINUTE: '6', STREAMS: '2' });
    const headers = await pageCookie(s.url, s.token);
    const authorization = { authorization: `Bearer ${s.token}` };
    const stop = new AbortController();
    const events = (): Promise<Response> => fetch(`${s.url}/events`, { headers, signal: stop.signal });
    const stream = (): Promise<Response> =>
      fetch(`${s.url}/sse`, { headers: authorization, signal: stop.signal });
    expect([(await events()).status, (await stream()).status]).toEqual([200, 200]);
    // one account of streams over both
    expect([(await events()).status, (await stream()).status]).toEqual([429, 429]);
    for (const path of ['/', '/scans']) await fetch(s.url + path, { headers });
    expect((await fetch(`${s.url}/`, { headers })).status).toBe(429);
    expect((await list(s)).status).toBe(429);
    stop.abort();
  });

  test('that is told to wait and does not, waits', async () => {
    await using s = await limited({ CALLS_PER_MINUTE: '1' });
    await list(s);
    const asked = Array.from({ length: 100 }, () =>
      list(s).then(
        ({ status }) => status,
        () => 'dropped',
      ),
    );
    const answers = await Promise.all(asked);
    expect(new Set(answers)).toEqual(new Set([429, 'dropped']));
  });

  test('that opens too many streams gets no more; closing one makes room', async () => {
    await using s = await limited({ STREAMS: '2' });
    const open = async (): Promise<{ status: number; stop: AbortController }> => {
      const stop = new AbortController();
      const headers = { authorization: `Bearer ${s.token}` };
      const { status } = await fetch(`${s.url}/sse`, { headers, signal: stop.signal });
      return { status, stop };
    };
    const [a, b, c] = [await open(), await open(), await open()];
    expect([a.status, b.status, c.status]).toEqual([200, 200, 429]);
    a.stop.abort();
    while ((await open()).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  test('that sends a byte now and then is dropped', async () => {
    await using s = await limited({ REQUEST_SECONDS: '1' });
    const { hostname, port } = new URL(s.url);
    const socket = connectSocket(Number(port), hostname);
    let said = '';
    socket.on('data', (chunk) => {
      said += chunk;
    });
    socket.on('error', () => {});
    const head = ['POST /mcp HTTP/1.1', `Host: ${hostname}:${port}`, `Authorization: Bearer ${s.token}`];
    socket.write(`${[...head, 'Content-Length: 1000'].join('\r\n')}\r\n\r\n`);
    const drip = setInterval(() => socket.write('x'), 100);
    await new Promise((resolve) => socket.on('close', resolve));
    clearInterval(drip);
    expect(said).toMatch(/^(?:HTTP\/1\.1 408|$)/);
  });

  test('that never reads its stream is dropped, and its session with it', async () => {
    await using s = await limited({ STALL_SECONDS: '1', CALLS_PER_MINUTE: '0' });
    const { hostname, port } = new URL(s.url);
    const socket = connectSocket(Number(port), hostname);
    socket.on('error', () => {});
    const closed = new Promise((resolve) => socket.on('close', resolve));
    const head = ['GET /sse HTTP/1.1', `Host: ${hostname}:${port}`, `Authorization: Bearer ${s.token}`];
    socket.write(`${[...head, 'Accept: text/event-stream'].join('\r\n')}\r\n\r\n`);
    const first = await new Promise<string>((resolve) => {
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
        const [, path] = /data: (\S+)/.exec(text) ?? [];
        if (path !== undefined) resolve(path);
      });
    });
    socket.pause();
    const send = (id: number, method: string, params: object): Promise<Response> =>
      fetch(s.url + first, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${s.token}` },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      });
    const clientInfo = { name: 't', version: '0' };
    await send(0, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    let [id, status] = [1, 202];
    // each answer is a few kilobytes, which the client leaves where they are
    while (status === 202) {
      const answer = await send(id++, 'tools/list', {});
      await answer.arrayBuffer();
      status = answer.status;
    }
    expect(status).toBe(404);
    socket.resume();
    await closed;
    await using other = await connect(s.url, { authorization: `Bearer ${s.token}` });
    expect((await other.call('list_tasks')).isError).toBe(false);
  });

  test('that reads slowly, and reads, keeps its stream', async () => {
    await using s = await limited({ STALL_SECONDS: '1' });
    const headers = { authorization: `Bearer ${s.token}` };
    const stop = new AbortController();
    const { body } = await fetch(`${s.url}/sse`, { headers, signal: stop.signal });
    const reader = body?.getReader();
    await reader?.read();
    const next = reader?.read().then(
      () => 'ended',
      () => 'aborted',
    );
    const waited = new Promise((resolve) => setTimeout(() => resolve('open'), 2500));
    expect(await Promise.race([next, waited])).toBe('open'); // nothing was sent, so there was nothing to take
    stop.abort();
  });

  test('that asks for many scans at once gets no more than its day has', async () => {
    await using policy = await tempFolder();
    const file = join(policy.path, 'policy.yaml');
    await writeFile(file, 'default:\n  max_hosts_per_day: 20\n');
    await using s = await limited({ POLICY_FILE: file });
    await using client = await connect(s.url, { authorization: `Bearer ${s.token}` });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        client.call('run_untrusted_scan', { targets: `10.0.${i}.0/30`, name: `n${i}` }),
      ),
    );
    expect(answers.filter(({ isError }) => !isError)).toHaveLength(5);
    for (const { text } of answers.filter(({ isError }) => isError))
      expect(text).toContain('max_hosts_per_day');
  });

  test('that sends too much is told the limit', async () => {
    await using s = await limited({});
    const answer = await fetch(`${s.url}/mcp`, {
      method: 'POST',
      headers: { authorization: `Bearer ${s.token}`, 'content-type': 'application/json' },
      body: 'x'.repeat(5_000_000),
    });
    const said = { status: answer.status, body: await answer.json() };
    expect(said).toMatchObject({
      status: 413,
      body: { message: 'A request may have at most 4194304 bytes' },
    });
  });
});
