import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openTokenFile } from '@nmcp/access';
import { tempFolder } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppProcess, serveSimulated } from './app_process.ts';
import { makeToken } from './make_token.ts';
import { pageCookie } from './page_login.ts';
import { MCP_HEADERS, postMcp } from './post_mcp.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let app: (AppProcess & { url: string }) | undefined;
const url = (): string => app?.url ?? '';

beforeAll(async () => {
  folder = await tempFolder();
  await tokenOf('first'); // with one there is a gate from the start
  app = await serveSimulated([], { DATA_DIR: folder.path, STREAMS: '4', CALLS_PER_MINUTE: '0' });
});

afterAll(async () => {
  await app?.stop();
  await folder[Symbol.asyncDispose]();
});

async function tokenOf(name: string): Promise<string> {
  const token = await makeToken(folder.path, name);
  // a server looks for new tokens twice a second, and refuses an address that sends many that it does not know
  while (app && (await fetch(`${app.url}/metrics`, { headers: bearer(token) })).status === 401)
    await new Promise((resolve) => setTimeout(resolve, 500));
  return token;
}

async function revoke(name: string): Promise<void> {
  const tokens = openTokenFile(join(folder.path, '.tokens.json'));
  for (const { id, name: owner } of await tokens.list()) if (owner === name) await tokens.revoke(id);
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

function readStored(path: string): string[] {
  return readdirSync(path).map((name) => readFileSync(join(path, name), 'utf8'));
}

/** Opens a stream of events. */
async function openEvents(token: string): Promise<Response> {
  return await fetch(`${url()}/events`, { headers: await pageCookie(url(), token) });
}

/** Resolves when a stream has ended, in whichever way. */
async function endOf(response: Response): Promise<void> {
  await response.text().catch(() => {});
}

function initialize(token: string, more: Record<string, string> = {}): Promise<Response> {
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 't', version: '0' },
  };
  return postMcp(url(), 'initialize', { headers: { ...bearer(token), ...more }, params });
}

describe('when a token is revoked, what its holder has open ends', () => {
  test.each<[string, (token: string) => Promise<Response>]>([
    ['live pages', openEvents],
    ['a stream of the old transport', (token) => fetch(`${url()}/sse`, { headers: bearer(token) })],
    [
      'the stream of a session',
      async (token) => {
        const session = (await initialize(token)).headers.get('mcp-session-id') ?? '';
        const headers = { ...MCP_HEADERS, ...bearer(token), 'mcp-session-id': session };
        return await fetch(`${url()}/mcp`, { headers });
      },
    ],
  ])('%s', async (name, open) => {
    const caller = name.replaceAll(' ', '-');
    const [mine, other] = [await tokenOf(caller), await tokenOf(`not-${caller}`)];
    const [held, kept] = [await open(mine), await open(other)];
    expect([held.status, kept.status]).toEqual([200, 200]);
    let isKept = true;
    void endOf(kept).then(() => {
      isKept = false;
    });
    await revoke(caller);
    await endOf(held);
    expect(isKept).toBe(true);
    await revoke(`not-${caller}`);
  });
});

describe('the cookie of the pages', () => {
  test('is no token, and ends by logging out', async () => {
    const token = await tokenOf('pages');
    const headers = await pageCookie(url(), token);
    expect(headers.cookie).toMatch(/^nmcp_session=[\w-]{43}$/);
    expect(headers.cookie).not.toContain(token);
    const asked = async (): Promise<number> =>
      (await fetch(`${url()}/`, { headers, redirect: 'manual' })).status;
    expect(await asked()).toBe(200);
    const value = headers.cookie.split('=')[1] ?? '';
    expect((await fetch(`${url()}/metrics`, { headers: bearer(value) })).status).toBe(401);
    // what is stored opens nothing
    const stored = JSON.stringify(readStored(join(folder.path, '.sessions')));
    expect([stored.includes(token), stored.includes(value)]).toEqual([false, false]);
    await fetch(`${url()}/logout`, {
      method: 'POST',
      headers: { ...headers, origin: url() },
      redirect: 'manual',
    });
    expect(await asked()).toBe(303);
  });
});

describe('one caller', () => {
  test('holds no place by a request that asks for no stream', async () => {
    const token = await tokenOf('head');
    const headers = await pageCookie(url(), token);
    for (let i = 0; i < 40; i++) {
      const { status } = await fetch(`${url()}/events`, { method: 'HEAD', headers });
      expect(status).toBe(200);
    }
    const open = await openEvents(token);
    expect(open.status).toBe(200);
    await open.body?.cancel();
  });

  test('holds no more than his share of live pages, and others get theirs', async () => {
    const [greedy, modest] = [await tokenOf('greedy'), await tokenOf('modest')];
    const opened = await Promise.all(Array.from({ length: 8 }, () => openEvents(greedy)));
    expect(opened.filter(({ status }) => status === 200)).toHaveLength(4);
    expect(opened.filter(({ status }) => status === 429)).toHaveLength(4);
    const other = await openEvents(modest);
    expect(other.status).toBe(200);
    await Promise.all([...opened, other].map((response) => response.body?.cancel()));
  });

  test('ends no session of another by opening many', async () => {
    const [greedy, modest] = [await tokenOf('opener'), await tokenOf('holder')];
    const session = (await initialize(modest)).headers.get('mcp-session-id') ?? '';
    for (let i = 0; i < 1100; i += 20)
      await Promise.all(Array.from({ length: 20 }, async () => (await initialize(greedy)).body?.cancel()));
    const asked = await postMcp(url(), 'ping', {
      headers: { ...bearer(modest), 'mcp-session-id': session },
    });
    expect(asked.status).toBe(200);
  });
});
