import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppProcess, appPath, runApp, startApp } from './app_process.ts';
import { CLIENTS, connect, type McpClient, untilFinal } from './mcp_client.ts';

/** `nmcp serve` with a simulated scanner, tokens and a policy. */
describe('a server with tokens', () => {
  let folder: AsyncDisposable & { path: string };
  let server: AppProcess;
  let url = '';
  const tokens: Record<string, string> = {};
  const as = (name: string, kind = '2.x in auto mode'): Promise<McpClient> =>
    (CLIENTS[kind] ?? connect)(url, { authorization: `Bearer ${tokens[name]}` });

  beforeAll(async () => {
    folder = await tempFolder();
    const dataDir = join(folder.path, 'data');
    await mkdir(dataDir);
    for (const [name, ...options] of [
      ['alice', '--scopes', 'scan'],
      ['bob', '--scopes', 'scan:credentials'],
      ['reader', '--scopes', 'read'],
      ['root', '--scopes', 'admin'],
      ['elsewhere', '--scopes', 'scan', '--pools', 'nessus_dmz'],
    ]) {
      const made = await runApp('admin-cli', [
        'token',
        'create',
        name ?? '',
        ...options,
        '--data-dir',
        dataDir,
      ]);
      expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^nmcp_\w+_\S{43}\n$/)]);
      tokens[name ?? ''] = made.stdout.trim();
    }
    const policy = join(folder.path, 'policy.yaml');
    await writeFile(
      policy,
      'default:\n  deny: [192.0.2.64/26]\ncallers:\n  bob:\n    max_hosts_per_day: 20\n',
    );
    server = startApp('standalone', ['serve', '--simulate', '--port', '0'], {
      DATA_DIR: dataDir,
      POLICY_FILE: policy,
    });
    [, url = ''] = await server.says(/listens at (http:\S+)\/mcp/);
  });
  afterAll(async () => {
    await server.stop();
    await folder[Symbol.asyncDispose]();
  });

  const post = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    });

  test('lets nobody in without one', async () => {
    for (const path of ['/mcp', '/sse', '/metrics']) {
      const answer = await fetch(url + path);
      expect([path, answer.status]).toEqual([path, 401]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="nessus-mcp"');
    }
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  test.each([
    ['a made-up token', 'Bearer nmcp_000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'unknown'],
    ['another form', 'Bearer abc', 'malformed'],
    ['another scheme', 'Basic YTpi', 'malformed'],
    ['two tokens', 'Bearer a b', 'malformed'],
  ])('refuses %s', async (_name, authorization, why) => {
    const answer = await post({ authorization });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain(`The token is ${why}`);
    expect(JSON.stringify(await answer.json())).not.toContain('AAAA');
  });

  test.each(Object.keys(CLIENTS))(
    'shows a client of the kind %s only the tools that its scopes allow',
    async (kind) => {
      await using reader = await as('reader', kind);
      await using alice = await as('alice', kind);
      await using bob = await as('bob', kind);
      const [read, scan, all] = [await reader.tools(), await alice.tools(), await bob.tools()];
      expect(read).not.toContain('run_untrusted_scan');
      expect(read).toContain('get_scan_results');
      expect(scan).toContain('run_untrusted_scan');
      expect(scan).not.toContain('run_authenticated_scan');
      expect(all).toContain('run_authenticated_scan');
    },
  );

  test("another's task is neither seen nor guessed", async () => {
    await using alice = await as('alice');
    await using bob = await as('bob');
    await using root = await as('root');
    const request = { targets: '192.0.2.0/30', name: 'mine', idempotency_key: 'same-key' };
    const { json } = await alice.call('run_untrusted_scan', request);
    await untilFinal(alice, json.task_id);
    for (const [tool, args] of [
      ['get_scan_status', { task_id: json.task_id }],
      ['get_scan_results', { task_id: json.task_id }],
      ['get_scan_summary', { task_id: json.task_id }],
      ['cancel_scan', { task_id: json.task_id }],
      ['compare_scans', { earlier_task_id: json.task_id, later_task_id: json.task_id }],
    ] as const) {
      const refused = await bob.call(tool, args);
      expect([tool, refused.isError, refused.json.message]).toEqual([
        tool,
        true,
        `Task ${json.task_id} was not found; list_tasks shows those that exist`,
      ]);
    }
    expect((await bob.call('list_tasks')).json).toEqual({ tasks: [], total: 0 });
    // nor by the number that its scan has on the scanner
    const [{ nessus_scan_id } = {}] = (await alice.call('list_scanner_scans')).json.scans as {
      nessus_scan_id?: number;
    }[];
    expect(nessus_scan_id).toEqual(expect.any(Number));
    expect((await bob.call('list_scanner_scans')).json).toMatchObject({ scans: [], total: 0 });
    for (const scan of [nessus_scan_id, 4711])
      expect((await bob.call('import_scan', { nessus_scan_id: scan })).json).toMatchObject({
        status_code: 404,
        message: `The scanner has no scan ${scan} that can be imported; list_scanner_scans has those that can`,
      });
    expect((await alice.call('list_tasks')).json.total).toBe(1);
    expect((await root.call('get_scan_status', { task_id: json.task_id })).json.status).toBe('completed');
    // the key is the caller's own: neither a conflict nor the other's task
    const own = await bob.call('run_untrusted_scan', request);
    expect(own.json.task_id).not.toBe(json.task_id);
    expect((await alice.call('run_untrusted_scan', request)).json).toMatchObject({
      task_id: json.task_id,
      idempotent: true,
    });
  });

  test('a pool that is not the caller’s does not exist', async () => {
    await using client = await as('elsewhere');
    const refused = await client.call('run_untrusted_scan', { targets: '192.0.2.1', name: 'n' });
    expect(refused.json.message).toMatch(/pool "nessus" was not found; the pools are none/);
    expect((await client.call('list_scanners')).json).toMatchObject({ scanners: [], pools: [] });
    expect((await client.call('get_pool_status')).isError).toBe(true);
  });

  test('the policy says which target and which rule', async () => {
    await using bob = await as('bob');
    const scan = (targets: string): Promise<Record<string, unknown>> =>
      bob.call('run_untrusted_scan', { targets, name: 'n' }).then(({ json }) => json);
    expect(await scan('192.0.2.60-70')).toMatchObject({
      error: 'Denied by policy',
      message: 'The policy does not allow to scan "192.0.2.60-70" (192.0.2.64): default.deny: 192.0.2.64/26',
      status_code: 403,
    });
    expect((await scan('127.0.0.1')).message).toMatch(/loopback/);
    expect((await scan('192.0.2.0/27')).message).toMatch(
      /4 were asked for in the last 24 hours; 20 are allowed/,
    );
  });

  test('the audit log says who asked for what, and which rule decided; a change in it is found', async () => {
    const dataDir = join(folder.path, 'data');
    const path = join(dataDir, '.audit.jsonl');
    const text = await readFile(path, 'utf8');
    const entries = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries).toContainEqual(
      expect.objectContaining({ action: 'token.create', name: 'alice', scopes: 'scan' }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: 'scan.submit',
        caller: 'bob',
        decision: 'denied',
        targets: '192.0.2.60-70',
        reason: expect.stringContaining('default.deny: 192.0.2.64/26'),
      }),
    );
    expect(entries).toContainEqual(
      expect.objectContaining({
        action: 'scan.launch',
        caller: 'alice',
        decision: 'allowed',
        targets: '192.0.2.0/30',
        scanner: 'simulated',
        task_id: expect.stringMatching(/^ne_scan_/),
      }),
    );
    const verify = (): ReturnType<typeof runApp> =>
      runApp('admin-cli', ['audit', 'verify', '--data-dir', dataDir]);
    expect((await verify()).stdout).toMatch(/\d+ entries, nothing was changed\./);
    await writeFile(path, text.replace('192.0.2.60-70', '192.0.2.60-61'));
    expect(await verify()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/line \d+: it was changed/),
    });
    await writeFile(path, text);
  });

  test('a session of somebody else is not found', async () => {
    const begin = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${tokens.root}`,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '0' } },
      }),
    });
    const session = begin.headers.get('mcp-session-id') ?? '';
    await begin.text();
    expect(session).not.toBe('');
    const stolen = await post({ authorization: `Bearer ${tokens.reader}`, 'mcp-session-id': session });
    expect(stolen.status).toBe(404);
    expect((await post({ authorization: `Bearer ${tokens.root}`, 'mcp-session-id': session })).status).toBe(
      200,
    );
  });

  test('the dashboard shows a caller its own pools', async () => {
    const look = async (name: string): Promise<string> =>
      await (await fetch(`${url}/`, { headers: { cookie: `nmcp_session=${tokens[name]}` } })).text();
    expect(await look('alice')).toContain('nessus:simulated');
    expect(await look('elsewhere')).not.toContain('nessus:simulated');
  });

  test('no token is in the log or in a file', async () => {
    const everything = server.errors() + (await readFile(join(folder.path, 'data', '.tokens.json'), 'utf8'));
    for (const token of Object.values(tokens)) expect(everything).not.toContain(token.slice(18));
  });

  test('ten thousand wrong tokens are slowed down', async () => {
    const statuses = new Map<number, number>();
    let next = 0;
    const tryTokens = async (): Promise<void> => {
      while (next < 10_000) {
        const answer = await post({
          authorization: `Bearer nmcp_${String(next++).padStart(12, '0')}_${'A'.repeat(43)}`,
        });
        await answer.arrayBuffer();
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 20 }, tryTokens));
    expect([...statuses.keys()].sort()).toEqual([401, 429]);
    expect(statuses.get(401) ?? 0).toBeLessThanOrEqual(60); // 20 at once, and some a minute
    // who has a good one behind the same proxy is not locked out
    await using reader = await as('reader');
    expect((await reader.call('list_tasks')).isError).toBe(false);
  });
});

describe('a caller', () => {
  interface Limited extends AsyncDisposable {
    url: string;
    token: string;
  }
  async function limited(environment: Record<string, string>): Promise<Limited> {
    const folder = await tempFolder();
    const made = await runApp('admin-cli', ['token', 'create', 'a', '--data-dir', folder.path]);
    const app = startApp('standalone', ['serve', '--simulate', '--port', '0'], {
      DATA_DIR: folder.path,
      ...environment,
    });
    const [, url = ''] = await app.says(/listens at (http:\S+)\/mcp/);
    return {
      url,
      token: made.stdout.trim(),
      async [Symbol.asyncDispose]() {
        await app.stop();
        await folder[Symbol.asyncDispose]();
      },
    };
  }
  const list = ({ url, token }: Limited): Promise<Response> =>
    fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    });

  test('that makes too many calls in a minute is told to wait', async () => {
    await using s = await limited({ CALLS_PER_MINUTE: '5' });
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++) {
      const answer = await list(s);
      statuses.push(answer.status);
      if (answer.status !== 429) continue;
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await answer.json()).toMatchObject({ message: 'You have made 5 calls in this minute' });
    }
    expect(statuses.filter((status) => status === 429)).toHaveLength(2);
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
    expect(said).toMatchObject({ status: 413, body: { message: 'A request may have 4194304 bytes' } });
  });
});

test('a server with an authorization server tells clients where to ask, and takes its tokens', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' };
  const keys = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`; // a TCP server's address is never a text
  const app = startApp('standalone', ['serve', '--simulate', '--port', '0'], {
    OAUTH_ISSUER: issuer,
    OAUTH_AUDIENCE: 'https://nessus.example.org/mcp',
  });
  try {
    const [, url = ''] = await app.says(/listens at (http:\S+)\/mcp/);
    const refused = await fetch(`${url}/mcp`);
    expect(refused.status).toBe(401);
    const metadataUrl =
      /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(await (await fetch(metadataUrl)).json()).toMatchObject({
      resource: `${url}/mcp`,
      authorization_servers: [issuer],
      scopes_supported: ['read', 'scan', 'scan:credentials', 'admin'],
    });
    const signed = async (scope: string): Promise<string> =>
      await new SignJWT({ scope })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setIssuer(issuer)
        .setAudience('https://nessus.example.org/mcp')
        .setSubject('alice')
        .setExpirationTime('5m')
        .sign(privateKey);
    const token = await signed('read');
    // one without a scope reads nothing, by no way
    const nothing = await signed('other');
    await using poor = await connect(url, { authorization: `Bearer ${nothing}` });
    expect(await poor.tools().catch(() => [])).toEqual([]);
    for (const path of ['/', '/scans'])
      expect((await fetch(url + path, { headers: { cookie: `nmcp_session=${nothing}` } })).status).toBe(403);
    const resources = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${nothing}`,
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'resources/list',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'resources/list',
        params: {
          _meta: {
            'io.modelcontextprotocol/protocolVersion': '2026-07-28',
            'io.modelcontextprotocol/clientInfo': { name: 't', version: '0' },
            'io.modelcontextprotocol/clientCapabilities': {},
          },
        },
      }),
    });
    expect(await resources.text()).not.toContain('nessus://');
    await using client = await connect(url, { authorization: `Bearer ${token}` });
    expect(await client.tools()).not.toContain('run_untrusted_scan');
    expect((await client.call('list_tasks')).json).toEqual({ tasks: [], total: 0 });
  } finally {
    await app.stop();
    keys.close();
  }
});

test('while the authorization server is away, a token is neither taken nor called wrong', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  const app = startApp('standalone', ['serve', '--simulate', '--port', '0'], {
    OAUTH_ISSUER: 'http://127.0.0.1:9', // discard: nobody listens there
    OAUTH_AUDIENCE: 'https://nessus.example.org/mcp',
  });
  try {
    const [, url = ''] = await app.says(/listens at (http:\S+)\/mcp/);
    const token = await new SignJWT({ scope: 'read' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer('http://127.0.0.1:9')
      .setAudience('https://nessus.example.org/mcp')
      .setSubject('alice')
      .setExpirationTime('5m')
      .sign(privateKey);
    const answer = await fetch(`${url}/mcp`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      status_code: 503,
      message: expect.stringContaining('authorization server'),
    });
  } finally {
    await app.stop();
  }
});

describe('a server for others than this machine', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1'])('does not start on %s without a token', async (host) => {
    await using folder = await tempFolder();
    const { status, stderr } = spawnSync(
      process.execPath,
      [appPath('standalone'), 'serve', '--simulate', '--port', '0', '--host', host],
      { env: { PATH: process.env.PATH, HOME: folder.path, DATA_DIR: folder.path }, encoding: 'utf8' },
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/is not the loopback interface, so callers need tokens.*nmcp-admin token create/);
  });

  test('starts with one', async () => {
    await using folder = await tempFolder();
    await runApp('admin-cli', ['token', 'create', 'a', '--data-dir', folder.path]);
    await using app = startApp('standalone', ['serve', '--simulate', '--port', '0', '--host', '0.0.0.0'], {
      DATA_DIR: folder.path,
    });
    const [, url = ''] = await app.says(/listens at (http:\S+)\/mcp/);
    expect((await fetch(`${url}/mcp`)).status).toBe(401);
  });
});

describe('nmcp-admin', () => {
  test('makes, lists and revokes tokens', async () => {
    await using folder = await tempFolder();
    const run = (...args: string[]): ReturnType<typeof runApp> =>
      runApp('admin-cli', [...args, '--data-dir', folder.path]);
    expect((await run('token', 'list')).stdout).toBe('No tokens.\n');
    await run('token', 'create', 'alice', '--scopes', 'read,scan', '--days', '30');
    const listed = (await run('token', 'list')).stdout;
    expect(listed).toMatch(/alice +read,scan +all/);
    const id = /\b([0-9a-f]{12})\b/.exec(listed)?.[1] ?? '';
    expect((await run('token', 'revoke', id)).stdout).toBe(`Token ${id} of alice is revoked.\n`);
    expect(await run('token', 'revoke', id)).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/There is no token/),
    });
    expect(await run('token', 'create', 'x', '--scopes', 'everything')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/expected some of read, scan, scan:credentials, admin/),
    });
  });

  test('explains a decision of the policy', async () => {
    const policy = new URL('../../../config/policy.yaml', import.meta.url).pathname;
    const check = (targets: string): ReturnType<typeof runApp> =>
      runApp('admin-cli', ['policy', 'check', targets, '--policy', policy]);
    expect((await check('10.0.0.0/28')).stdout).toBe(
      'Allowed: 16 addresses; launched would be 10.0.0.0/28\n',
    );
    expect(await check('8.8.8.8')).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/does not allow to scan "8\.8\.8\.8": default\.allow does not have it/),
    });
  });
});
