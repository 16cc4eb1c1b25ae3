import { readdir, readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { tempFolder } from '@nmcp/test-support';
import { V3_TASK_KEYS } from '@nmcp/types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppProcess, runApp, serveSimulated } from './app_process.ts';
import { CLIENTS, type McpClient, untilFinal } from './mcp_client.ts';
import { MCP_HEADERS } from './post_mcp.ts';

const NINE = [
  'run_untrusted_scan',
  'run_authenticated_scan',
  'get_scan_status',
  'get_scan_results',
  'list_tasks',
  'list_scanners',
  'list_pools',
  'get_pool_status',
  'get_queue_status',
];

const connect = CLIENTS['1.x'] as (url: string) => Promise<McpClient>;

interface Result {
  isError?: boolean;
  structuredContent?: Record<string, unknown>;
  content: { text: string }[];
}

/** What FastMCP's client makes `.data` of. */
async function rawCalls(url: string): Promise<{
  tools: Awaited<ReturnType<Client['listTools']>>['tools'];
  call(name: string, args?: Record<string, unknown>): Promise<Result>;
  close(): Promise<void>;
}> {
  const client = new Client({ name: 'fastmcp', version: '2' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)) as never); // its types are not exact
  return {
    tools: (await client.listTools()).tools,
    call: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as unknown as Result, // of the tools here
    close: () => client.close(),
  };
}

describe('a client of v3.0', () => {
  let server: (AppProcess & { url: string }) | undefined;
  let folder: Awaited<ReturnType<typeof tempFolder>>;
  let client: McpClient;
  let done: unknown;
  const url = (): string => server?.url ?? '';
  beforeAll(async () => {
    folder = await tempFolder();
    server = await serveSimulated(['--host', '127.0.0.1'], { DATA_DIR: folder.path });
    client = await connect(url());
    done = (await client.call('run_untrusted_scan', { targets: '192.0.2.0/29', name: 'n' })).json.task_id;
    await untilFinal(client, done);
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await server?.stop();
    await folder[Symbol.asyncDispose]();
  });

  test('gets answers whose schema lists no fields, so that all are dicts', async () => {
    const raw = await rawCalls(url());
    // they answer text
    for (const { name, outputSchema } of raw.tools)
      if (name !== 'get_scan_results' && name !== 'search_findings')
        expect([name, outputSchema]).toEqual([name, { type: 'object', additionalProperties: true }]);
    expect(raw.tools.find(({ name }) => name === 'get_scan_results')).not.toHaveProperty('outputSchema');
    await raw.close();
  });

  test('may send null for everything that it leaves out, in every tool', async () => {
    const raw = await rawCalls(url());
    await raw.close();
    for (const { name, inputSchema } of raw.tools) {
      const { properties = {}, required = [] } = inputSchema;
      for (const [field, schema] of Object.entries(properties)) {
        const takesNull = [(schema as { type: string | string[] }).type].flat().includes('null');
        expect([name, field, takesNull]).toEqual([name, field, !required.includes(field)]);
      }
    }
    const nulls = (tool: string): Record<string, null> =>
      Object.fromEntries(
        Object.keys(raw.tools.find(({ name }) => name === tool)?.inputSchema.properties ?? {}).map(
          (field) => [field, null],
        ),
      );
    const calls: Record<string, object> = {
      run_untrusted_scan: { targets: '192.0.2.1', name: 'n' },
      run_authenticated_scan: {
        targets: '192.0.2.1',
        name: 'n',
        scan_type: 'authenticated',
        ssh_username: 'u',
        ssh_password: 'p',
      },
      get_scan_status: { task_id: done },
      wait_for_scan: { task_id: done },
      get_scan_results: { task_id: done },
      get_scan_summary: { task_id: done },
      compare_scans: { earlier_task_id: done, later_task_id: done },
      cancel_scan: { task_id: done },
      list_tasks: {},
      list_scanners: {},
      list_scanner_scans: {},
      list_pools: {},
      get_pool_status: {},
      get_queue_status: {},
    };
    for (const [tool, args] of Object.entries(calls))
      expect([tool, await client.call(tool, { ...nulls(tool), ...args })]).toMatchObject([
        tool,
        { isError: false },
      ]);
    expect(await client.call('import_scan', nulls('import_scan'))).toMatchObject({
      isError: true,
      json: { message: expect.stringMatching(/nessus_scan_id/) },
    });
    expect(await client.call('get_scan_status', { task_id: null })).toMatchObject({
      isError: true,
      json: { message: expect.stringMatching(/task_id/) },
    });
    const filtered = await client.call('get_scan_results', {
      task_id: done,
      filters: { host: null, severity: '>=0' },
    });
    expect(filtered).toMatchObject({ isError: false, text: expect.stringContaining('"severity":">=0"') });
  });

  test.each<[string, string, () => Record<string, unknown>]>([
    [
      'empty text',
      'run_untrusted_scan',
      () => ({
        targets: '192.0.2.1',
        name: 'n',
        scanner_pool: '',
        scanner_instance: '',
        idempotency_key: '',
      }),
    ],
    ['empty filters', 'get_scan_results', () => ({ task_id: done, filters: '', custom_fields: [] })],
    ['filters as text', 'get_scan_results', () => ({ task_id: done, filters: '{"severity": ">=1"}' })],
    ['numbers as text', 'get_scan_results', () => ({ task_id: done, page: '1', page_size: '20' })],
    ['a list as text', 'get_scan_results', () => ({ task_id: done, custom_fields: '["host"]' })],
    ['a limit of 0', 'list_tasks', () => ({ limit: 0 })],
    ['a limit beyond 1000', 'list_tasks', () => ({ limit: 5000, status_filter: '', target_filter: '' })],
    ['an unknown pool in list_tasks', 'list_tasks', () => ({ scanner_pool: 'retired' })],
    ['an unknown pool in list_scanners', 'list_scanners', () => ({ scanner_pool: 'retired' })],
    ['an unknown pool in get_pool_status', 'get_pool_status', () => ({ scanner_pool: '../x' })],
    ['an unknown pool in get_queue_status', 'get_queue_status', () => ({ scanner_pool: 'retired' })],
  ])('may send %s', async (_what, tool, args) => {
    expect(await client.call(tool, args())).toMatchObject({ isError: false });
  });

  test('is told that a pool is not configured, with zeros', async () => {
    expect((await client.call('get_pool_status', { scanner_pool: 'retired' })).json).toMatchObject({
      pool: 'retired',
      total_scanners: 0,
      scanners: [],
      note: expect.stringMatching(/"retired" is not configured; the pools are nessus/),
    });
    expect((await client.call('list_scanners', { scanner_pool: 'retired' })).json).toMatchObject({
      scanners: [],
      total: 0,
    });
  });

  test('sees the type of the scanner and, while it waits, a scanner; errors name the task', async () => {
    expect((await client.call('get_scan_status', { task_id: done })).json).toMatchObject({
      scanner_type: 'nessus',
    });
    const id = 'ne_scan_20250101_000000_aaaaaaaa';
    expect((await client.call('get_scan_status', { task_id: id })).json).toMatchObject({
      error: `Task ${id} not found`,
    });
  });

  test('may ask at /mcp/ too, and probes by any name', async () => {
    const initialize = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '0' } },
    });
    const slash = await fetch(`${url()}/mcp/`, { method: 'POST', headers: MCP_HEADERS, body: initialize });
    expect(slash.status).toBe(200);
    await slash.text();
    const statusAs = (path: string): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        request(`${url()}${path}`, { headers: { host: 'nessus-mcp.example.org' } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on('error', reject)
          .end();
      });
    for (const path of ['/health', '/livez', '/readyz', '/metrics'])
      expect([path, await statusAs(path)]).toEqual([path, 200]);
    expect(await statusAs('/mcp')).toBe(403);
    expect(await statusAs('/')).toBe(403);
  });

  test('finds its keys in /health', async () => {
    expect(await (await fetch(`${url()}/health`)).json()).toMatchObject({
      status: 'healthy',
      redis_healthy: true,
      filesystem_healthy: true,
      redis_url: null,
      data_dir: folder.path,
    });
  });

  test('and the way back: v3.0 reads every task.json, and the export beside it', async () => {
    const ids = (await readdir(folder.path)).filter((name) => name.startsWith('ne_scan'));
    expect(ids.length).toBeGreaterThan(1);
    for (const id of ids) {
      const task = JSON.parse(await readFile(join(folder.path, id, 'task.json'), 'utf8'));
      expect(Object.keys(task).toSorted()).toEqual([...V3_TASK_KEYS].toSorted());
      expect(['queued', 'running', 'completed', 'failed', 'timeout']).toContain(task.status);
    }
    const completed = JSON.parse(await readFile(join(folder.path, String(done), 'task.json'), 'utf8'));
    expect(completed.validation_stats).toMatchObject({
      severity_counts: { critical: expect.any(Number), info: expect.any(Number) },
      file_size_bytes: expect.any(Number),
    });
    expect(await readdir(join(folder.path, String(done)))).toContain('scan_native.nessus');
  });

  test('v3.0’s order of the command line, and a queue that is not there', async () => {
    const where = ['--data-dir', folder.path];
    const before = await runApp('admin-cli', ['--pool', 'nessus', ...where, 'stats']);
    expect(before).toMatchObject({ code: 0, stdout: expect.stringMatching(/nessus/) });
    const after = await runApp('admin-cli', ['stats', '--pool', 'nessus', ...where]);
    // scans may end in between
    expect(after.stdout.replaceAll(/\d/g, '0')).toBe(before.stdout.replaceAll(/\d/g, '0'));
    await using empty = await tempFolder();
    expect(await runApp('admin-cli', ['stats', '--data-dir', empty.path])).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/REDIS_URL is not set, and there is no embedded queue .*\.queue\.db/),
    });
    expect(await readdir(empty.path)).toEqual([]);
  });

  test.each(['mcp-api', 'worker', 'admin-cli', 'standalone'] as const)(
    '%s has --help and --version',
    async (app) => {
      expect(await runApp(app, ['--help'])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/USAGE/),
      });
      expect(await runApp(app, ['--version'])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      });
    },
  );
});

test('V3_CLIENTS sends errors as ordinary results, and pages as structured content', async () => {
  await using server = await serveSimulated([], { V3_CLIENTS: 'true' });
  const client = await rawCalls(server.url);
  const results = client.tools.find(({ name }) => name === 'get_scan_results');
  expect(results?.outputSchema).toEqual({
    type: 'object',
    properties: { result: { type: 'string' } },
    required: ['result'],
    'x-fastmcp-wrap-result': true,
  });
  const id = 'ne_scan_20250101_000000_aaaaaaaa';
  expect(await client.call('get_scan_status', { task_id: id })).toMatchObject({
    structuredContent: { error: `Task ${id} not found`, status_code: 404 },
  });
  const page = await client.call('get_scan_results', { task_id: id });
  expect(page.isError).toBeFalsy();
  expect(JSON.parse(String(page.structuredContent?.result))).toMatchObject({ error: `Task ${id} not found` });
  const submitted = await client.call('run_untrusted_scan', { targets: '192.0.2.1', name: 'n' });
  const task_id = submitted.structuredContent?.task_id;
  await using waiting = await connect(server.url);
  await untilFinal(waiting, task_id);
  const read = await client.call('get_scan_results', { task_id });
  expect(read.structuredContent).toEqual({ result: read.content[0]?.text });
  // the new tools say errors as MCP does
  expect(await client.call('get_scan_summary', { task_id: id })).toMatchObject({ isError: true });
  for (const name of NINE) expect(client.tools.map((tool) => tool.name)).toContain(name);
  await client.close();
});
