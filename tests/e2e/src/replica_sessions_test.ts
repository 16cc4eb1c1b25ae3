import { findRedisServer } from '@nmcp/test-support';
import { createClient } from 'redis';
import { describe, expect, test } from 'vitest';
import { startApi } from './api_and_worker.ts';
import { type AppProcess, runApp } from './app_process.ts';
import { MCP_HEADERS, postMcp } from './post_mcp.ts';
import { openStage, type Stage } from './stage.ts';

type Api = AppProcess & { url: string };

const INITIALIZE = {
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '0' } },
};

/** Two servers on one Redis. */
async function two(): Promise<AsyncDisposable & { stage: Stage; a: Api; b: Api }> {
  const stage = await openStage('redis', {});
  const [a, b] = [await startApi(stage.environment), await startApi(stage.environment)];
  return {
    ...{ stage, a, b },
    async [Symbol.asyncDispose]() {
      await Promise.all([a.stop('SIGKILL'), b.stop('SIGKILL')]);
      await stage[Symbol.asyncDispose]();
    },
  };
}

async function begin(url: string, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  const response = await postMcp(url, 'initialize', { ...INITIALIZE, headers });
  await response.text();
  return { ...headers, 'mcp-session-id': response.headers.get('mcp-session-id') ?? '' };
}

async function list(url: string, headers: Record<string, string>): Promise<[number, string]> {
  const response = await postMcp(url, 'tools/list', { headers });
  return [response.status, await response.text()];
}

const served = [200, expect.stringContaining('run_untrusted_scan')];

describe.skipIf(findRedisServer() === undefined)('a session at another server', () => {
  test('is taken up, ends at both, and is nobody else’s', async () => {
    await using s = await two();
    const headers = await begin(s.a.url);
    expect(await list(s.b.url, headers)).toEqual(served);
    expect((await fetch(`${s.b.url}/mcp`, { method: 'DELETE', headers })).status).toBe(200);
    await expect.poll(async () => (await list(s.a.url, headers))[0]).toBe(404);
  });

  test('of another caller is not found there either', async () => {
    await using stage = await openStage('redis', {});
    const token = async (name: string): Promise<Record<string, string>> => {
      const made = await runApp('admin-cli', ['token', 'create', name], { environment: stage.environment });
      return { authorization: `Bearer ${made.stdout.trim()}` };
    };
    const [alice, bob] = [await token('alice'), await token('bob')];
    await using a = await startApi(stage.environment);
    await using b = await startApi(stage.environment);
    const headers = await begin(a.url, alice);
    expect((await list(b.url, { ...headers, ...bob }))[0]).toBe(404);
    expect(await list(b.url, headers)).toEqual(served);
    // nor when that server has it at hand
    expect((await list(b.url, { ...headers, ...bob }))[0]).toBe(404);
  });

  test('goes on where it is at hand while Redis is away, and elsewhere says that it cannot tell', async () => {
    await using s = await two();
    const headers = await begin(s.a.url);
    await s.stage.stopStore();
    expect(await list(s.a.url, headers)).toEqual(served);
    const [status, text] = await list(s.b.url, headers);
    expect([status, text]).toEqual([503, expect.stringMatching(/Redis at/)]);
    expect((await postMcp(s.a.url, 'initialize', INITIALIZE)).status).toBe(503);
  });

  test('that has no room for its events answers all the same; what is lost is told', async () => {
    await using s = await two();
    const headers = await begin(s.a.url);
    const redis = await createClient({ url: s.stage.environment.REDIS_URL ?? '' }).connect();
    await redis.configSet('maxmemory', '1');
    expect(await list(s.a.url, headers)).toEqual(served);
    await redis.configSet('maxmemory', '0');
    const key = `nmcp:session:${headers['mcp-session-id']}`;
    await redis.hSet(key, 'removed', '5-0');
    const late = await fetch(`${s.b.url}/mcp`, {
      headers: { ...MCP_HEADERS, ...headers, 'last-event-id': '1-0' },
    });
    expect([late.status, await late.text()]).toEqual([400, expect.stringMatching(/not kept any more/)]);
    redis.destroy();
  });

  test('lives as long as one server uses it', async () => {
    await using s = await two();
    const headers = await begin(s.a.url);
    const redis = await createClient({ url: s.stage.environment.REDIS_URL ?? '' }).connect();
    const key = `nmcp:session:${headers['mcp-session-id']}`;
    await redis.pExpire(key, 5000); // long idle at a
    expect(await list(s.b.url, headers)).toEqual(served);
    expect(await redis.pTTL(key)).toBeGreaterThan(1_000_000);
    await redis.del(key); // idle at both
    await s.b.stop('SIGKILL');
    await using c = await startApi(s.stage.environment);
    expect((await list(c.url, headers))[0]).toBe(404);
    redis.destroy();
  });

  test('of HTTP+SSE has its messages answered by whichever server they reach', async () => {
    await using s = await two();
    const stream = await fetch(`${s.a.url}/sse`, { headers: { accept: 'text/event-stream' } });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (pattern: RegExp): Promise<string> => {
      while (!pattern.test(text)) text += (await reader?.read())?.value ?? '';
      return pattern.exec(text)?.[1] ?? '';
    };
    const path = await until(/data: (\/messages\S+)/);
    const send = (url: string, id: number, method: string, params: object): Promise<Response> =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      });
    expect((await send(s.b.url, 1, 'initialize', INITIALIZE.params)).status).toBe(202);
    await until(/"id":1/);
    expect((await send(s.a.url, 2, 'tools/list', {})).status).toBe(202);
    await until(/"id":2/);
    expect(text).toContain('run_untrusted_scan');
    await reader?.cancel();
  });

  test('needs none: a call without initialize is answered', async () => {
    await using s = await two();
    expect(await list(s.a.url, {})).toEqual(served);
  });
});
