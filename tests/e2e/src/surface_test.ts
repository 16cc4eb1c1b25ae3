import type { Client } from '@modelcontextprotocol/client';
import { createTaskStore, queuedTask } from '@nmcp/tasks';
import { newTaskId, type TaskId } from '@nmcp/types';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi } from './api_and_worker.ts';
import { makeToken } from './make_token.ts';
import { jsonLines, untilFinal } from './mcp_client.ts';
import { rawClient, subscribe } from './raw_client.ts';
import { type SimulatedServer, startSimulatedServer } from './simulated_server.ts';
import { openStage } from './stage.ts';

describe.each(['auto', 'legacy'] as const)('what a client in %s mode sees', (mode) => {
  let s: SimulatedServer;
  let client: Client;
  let done = '';
  beforeAll(async () => {
    s = await startSimulatedServer({ speed: 300 }, {});
    client = await rawClient(s.url, mode);
    const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'seen' });
    done = String(json.task_id);
    await untilFinal(s.client, done);
  });
  afterAll(async () => {
    await client.close();
    await s[Symbol.asyncDispose]();
  });

  test('every tool says what it is for, how it behaves and what it answers', async () => {
    const { tools } = await client.listTools();
    expect(tools.length).toBeLessThanOrEqual(20);
    for (const { name, title, description = '', annotations, outputSchema } of tools) {
      expect([name, title]).toEqual([name, expect.stringMatching(/.{5,}/)]);
      expect(description.length).toBeGreaterThan(40);
      expect([name, description]).toEqual([name, expect.stringMatching(/[Ee]\.g\. \{.*\}/)]);
      expect(annotations).toMatchObject({
        readOnlyHint: expect.any(Boolean),
        openWorldHint: expect.any(Boolean),
        idempotentHint: expect.any(Boolean),
      });
      if (!annotations?.readOnlyHint)
        expect([name, typeof annotations?.destructiveHint]).toEqual([name, 'boolean']);
      const answersText = name === 'get_scan_results' || name === 'search_findings';
      if (!answersText) expect([name, outputSchema?.type]).toEqual([name, 'object']);
    }
  });

  test('the answers are as the output schemas say, which this client checks', async () => {
    const calls: [string, Record<string, unknown>][] = [
      ['run_untrusted_scan', { targets: '192.0.2.1', name: 'n', idempotency_key: mode }],
      ['get_scan_status', { task_id: done }],
      ['wait_for_scan', { task_id: done }],
      ['cancel_scan', { task_id: done }],
      ['get_scan_summary', { task_id: done }],
      ['get_scan_summary', { task_id: done, group_by: 'host' }],
      ['compare_scans', { earlier_task_id: done, later_task_id: done }],
      ['list_tasks', {}],
      ['search_assets', {}],
      ['get_fix_plan', {}],
      ['get_fix_plan', { as: 'ticket' }],
      ['get_trend', {}],
      ['list_scanners', {}],
      ['list_scanner_scans', {}],
      ['list_pools', {}],
      ['get_pool_status', {}],
      ['get_queue_status', {}],
    ];
    for (const [name, args] of calls) {
      const result = await client.callTool({ name, arguments: args });
      expect([name, result.isError ?? false]).toEqual([name, false]);
      expect([name, typeof result.structuredContent]).toEqual([name, 'object']);
    }
  });

  test('resources hold what the tools answer', async () => {
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(
      expect.arrayContaining(['nessus://pools', `nessus://scans/${done}`]),
    );
    const read = async (uri: string): Promise<string> => {
      const [content] = (await client.readResource({ uri })).contents;
      return content && 'text' in content ? content.text : '';
    };
    expect(JSON.parse(await read(`nessus://scans/${done}`))).toMatchObject({
      task_id: done,
      status: 'completed',
    });
    const { fields, group_by } = JSON.parse(await read('nessus://fields'));
    expect(fields).toContainEqual({ name: 'os', type: 'list', meaning: expect.any(String) });
    expect(group_by).toContain('fix');
    const summary = JSON.parse(await read(`nessus://scans/${done}/summary`));
    const { json } = await s.client.call('get_scan_summary', { task_id: done });
    expect(summary).toEqual(json);
    const [worst] = summary.top_hosts;
    const lines = jsonLines(await read(`nessus://scans/${done}/hosts/${worst.host}`));
    const findings = lines.filter(({ type }) => type === 'vulnerability');
    expect(findings.length).toBeGreaterThan(3);
    for (const { host } of findings) expect(host).toBe(worst.host);
    const one = jsonLines(
      await read(`nessus://scans/${done}/hosts/${worst.host}/plugins/${String(findings[0]?.plugin_id)}`),
    );
    expect(one.find(({ type }) => type === 'vulnerability')).toMatchObject({ host: worst.host });
    for (const uri of [
      'nessus://scans/ne_scan_20251201_143022_a1b2c3d4',
      'nessus://scans/..%2F..%2Fetc',
      `nessus://scans/${done}/hosts/203.0.113.1`,
      'nessus://nothing',
    ])
      await expect(client.readResource({ uri })).rejects.toThrow(/not found|is not a task id/i);
  });

  test('ids, hosts, pools and profiles are completed; what is unknown is not', async () => {
    const complete = async (ref: object, name: string, value: string, given = {}): Promise<string[]> => {
      const asked = { ref, argument: { name, value }, context: { arguments: given } };
      return (await client.complete(asked as Parameters<Client['complete']>[0])).completion.values; // of both kinds of ref
    };
    const template = (uri: string): object => ({ type: 'ref/resource', uri });
    const prompt = (name: string): object => ({ type: 'ref/prompt', name });
    expect(await complete(template('nessus://scans/{task_id}'), 'task_id', done.slice(0, 12))).toContain(
      done,
    );
    expect(await complete(template('nessus://scans/{task_id}'), 'task_id', 'nobody')).toEqual([]);
    expect(
      await complete(template('nessus://scans/{task_id}/hosts/{host}'), 'host', '192.0.2.', {
        task_id: done,
      }),
    ).toContainEqual(expect.stringMatching(/^192\.0\.2\./));
    expect(await complete(prompt('triage_scan'), 'task_id', '')).toContain(done);
    expect(await complete(prompt('scan_and_report'), 'scanner_pool', 'ne')).toEqual(['nessus']);
    expect(await complete(prompt('scan_and_report'), 'schema_profile', 'b')).toEqual(['brief']);
    expect(await complete(prompt('scan_and_report'), 'nonsense', 'x').catch(() => [])).toEqual([]);
    await expect(complete(prompt('nonsense'), 'x', 'x')).rejects.toThrow();
  });

  test('prompts name tools that there are', async () => {
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual([
      'triage_scan',
      'compare_two_scans',
      'plan_remediation',
      'explain_to_management',
      'why_credentials_failed',
      'weekly_review',
      'is_this_cve_here',
      'ticket_for_an_owner',
      'scan_and_report',
    ]);
    const names = new Set((await client.listTools()).tools.map(({ name }) => name));
    for (const { name, arguments: args = [] } of prompts) {
      const given = Object.fromEntries(args.map((arg) => [arg.name, done]));
      const { messages } = await client.getPrompt({ name, arguments: given });
      const text = messages.map(({ content }) => (content.type === 'text' ? content.text : '')).join();
      if (args.length > 0) expect(text).toContain(done);
      for (const [tool] of text.matchAll(/\b(?:get|run|list|compare|wait|search)_\w+/g))
        expect([name, tool, names.has(tool)]).toEqual([name, tool, true]);
    }
  });

  test('a subscription tells of every change of state, and none to what is unknown', async () => {
    const updates: string[] = [];
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
      updates.push(params.uri);
    });
    const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'followed' });
    const uri = `nessus://scans/${String(json.task_id)}`;
    await subscribe(client, mode, uri);
    await untilFinal(s.client, json.task_id);
    while (updates.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(new Set(updates)).toEqual(new Set([uri]));
    const unknown = 'nessus://scans/ne_scan_20251201_143022_a1b2c3d4';
    await expect(subscribe(client, mode, unknown)).rejects.toThrow(/not found/);
    await expect(subscribe(client, mode, 'nessus://pools')).rejects.toThrow(/cannot be subscribed/);
  });
});

describe('a page of findings', () => {
  test('says what it costs, and fits into the tokens that it may have', async () => {
    await using s = await startSimulatedServer({ speed: 300, findingsPerHost: 120 }, {});
    const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'large' });
    const { task_id } = json;
    await untilFinal(s.client, task_id);
    const ask = async (args: object): Promise<{ text: string; lines: Record<string, unknown>[] }> => {
      const { text } = await s.client.call('get_scan_results', { task_id, ...args });
      return { text, lines: jsonLines(text) };
    };
    const { text, lines } = await ask({});
    const approx = Number(lines[0]?.approx_tokens);
    expect(approx).toBeGreaterThan(text.length / 6);
    expect(approx).toBeLessThan(text.length / 2);
    expect(lines[0]?.hint).toContain('get_scan_summary');
    expect((await ask({ filters: { severity: '>=4' } })).lines[0]?.hint).toBeUndefined();

    const seen: string[] = [];
    let cursor: unknown = '';
    while (typeof cursor === 'string') {
      const page = await ask({ max_tokens: 3000, cursor, schema_profile: 'minimal' });
      expect(Number(page.lines[0]?.approx_tokens)).toBeLessThan(3050);
      for (const line of page.lines) if (line.type === 'vulnerability') seen.push(JSON.stringify(line));
      cursor = page.lines.at(-1)?.next_cursor;
    }
    expect(seen).toHaveLength(Number(lines[0]?.total_vulnerabilities));
    expect((await ask({ max_tokens: 1000, page: 2 })).text).toContain('max_tokens replaces page');
  });
});

test('a task of another caller is neither listed, read nor subscribed to', async () => {
  await using stage = await openStage('embedded', {});
  const id: TaskId = newTaskId('nessus');
  const store = createTaskStore({ dataDir: stage.dataDir });
  await store.create({
    ...queuedTask({
      task_id: id,
      trace_id: 't',
      scan_type: 'untrusted',
      scanner_type: 'nessus',
      scanner_pool: 'nessus' as never,
      scanner_instance_id: null,
      payload: { targets: '10.0.0.1', name: 'secret plan', description: '', schema_profile: 'brief' },
      created_at: new Date().toISOString(),
    }),
    owner: 'bob',
  });
  const token = await makeToken(stage.dataDir, 'alice');
  await using api = await startApi(stage.environment);
  const { url } = api;
  for (const mode of ['auto', 'legacy'] as const) {
    const client = await rawClient(url, mode, { authorization: `Bearer ${token}` });
    expect(JSON.stringify(await client.listResources())).not.toContain('secret plan');
    const uri = `nessus://scans/${id}`;
    await expect(client.readResource({ uri })).rejects.toThrow(/not found/i);
    await expect(subscribe(client, mode, uri)).rejects.toThrow(/not found/i);
    const ref = { type: 'ref/resource' as const, uri: 'nessus://scans/{task_id}' };
    const { completion } = await client.complete({ ref, argument: { name: 'task_id', value: '' } });
    expect(completion.values).toEqual([]);
    await client.close();
  }
});
