import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppProcess, runApp, serveSimulated } from './app_process.ts';
import { CLIENTS, connect, type McpClient, untilFinal } from './mcp_client.ts';
import { pageCookie } from './page_login.ts';
import { postMcp } from './post_mcp.ts';

/** `nmcp serve` with a simulated scanner, tokens and a policy. */
describe('a server with tokens', () => {
  let folder: AsyncDisposable & { path: string };
  let server: AppProcess & { url: string };
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
    server = await serveSimulated([], { DATA_DIR: dataDir, POLICY_FILE: policy });
    url = server.url;
  });
  afterAll(async () => {
    await server.stop();
    await folder[Symbol.asyncDispose]();
  });

  const post = (headers: Record<string, string>): Promise<Response> =>
    postMcp(url, 'tools/list', { headers });

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
      const refused = await reader.call('run_untrusted_scan', { targets: '192.0.2.1', name: 'n' });
      expect([refused.isError, refused.json.message]).toEqual([
        true,
        expect.stringMatching(/run_untrusted_scan needs the scope scan/),
      ]);
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
        `Task ${json.task_id} was not found; list_tasks lists existing ones`,
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
        message: `The scanner has no scan ${scan} that can be imported; list_scanner_scans lists those that can`,
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
    expect((await client.call('get_pool_status')).json).toMatchObject({ total_scanners: 0, scanners: [] });
  });

  test('the policy says which target and which rule', async () => {
    await using bob = await as('bob');
    const scan = (targets: string): Promise<Record<string, unknown>> =>
      bob.call('run_untrusted_scan', { targets, name: 'n' }).then(({ json }) => json);
    expect(await scan('192.0.2.60-70')).toMatchObject({
      error: 'Denied by policy',
      message: 'The policy does not allow scanning "192.0.2.60-70" (192.0.2.64): default.deny: 192.0.2.64/26',
      status_code: 403,
    });
    expect((await scan('127.0.0.1')).message).toMatch(/loopback/);
    expect((await scan('192.0.2.0/27')).message).toMatch(
      /4 were submitted in the last 24 hours; at most 20 are allowed/,
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
    expect((await verify()).stdout).toMatch(/\d+ entries, none tampered with\./);
    await writeFile(path, text.replace('192.0.2.60-70', '192.0.2.60-61'));
    expect(await verify()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/line \d+: it was changed/),
    });
    await writeFile(path, text);
  });

  test('a session of somebody else is not found', async () => {
    const begin = await postMcp(url, 'initialize', {
      headers: { authorization: `Bearer ${tokens.root}` },
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '0' } },
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
      await (await fetch(`${url}/scanners`, { headers: await pageCookie(url, tokens[name] ?? '') })).text();
    expect(await look('alice')).toContain('nessus:simulated');
    expect(await look('elsewhere')).not.toContain('nessus:simulated');
  });

  test('no token is in the log or in a file', async () => {
    const everything = server.errors() + (await readFile(join(folder.path, 'data', '.tokens.json'), 'utf8'));
    for (const token of Object.values(tokens)) expect(everything).not.toContain(token.slice(18));
  });

  test('two thousand wrong tokens are slowed down', async () => {
    const statuses = new Map<number, number>();
    let next = 0;
    const tryTokens = async (): Promise<void> => {
      while (next < 2000) {
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
