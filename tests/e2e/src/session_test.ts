import { describe, expect, test } from 'vitest';
import { untilFinal } from './mcp_client.ts';
import { MCP_HEADERS, metaOf, postMcp } from './post_mcp.ts';
import { startSimulatedServer } from './simulated_server.ts';

describe('a session of 2025-11-25', () => {
  const begin = async (url: string, protocolVersion = '2025-11-25'): Promise<Response> =>
    await postMcp(url, 'initialize', {
      params: { protocolVersion, capabilities: {}, clientInfo: { name: 't', version: '0' } },
    });

  /** Reads a stream until it has said something. */
  async function until(response: Response, pattern: RegExp): Promise<string> {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk);
      if (pattern.test(text)) break;
    }
    return text;
  }

  test('goes on where its stream broke off, and misses nothing', async () => {
    await using s = await startSimulatedServer({ speed: 20 }, {});
    const first = await begin(s.url);
    await first.text();
    const headers = { ...MCP_HEADERS, 'mcp-session-id': first.headers.get('mcp-session-id') ?? '' };
    const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'n' });
    const uri = `nessus://scans/${String(json.task_id)}`;
    const stream = await fetch(`${s.url}/mcp`, { headers });
    await postMcp(s.url, 'resources/subscribe', { headers, params: { uri } });
    const said = await until(stream, /resources\/updated/);
    const id = /id: (\S+)/.exec(said)?.[1] ?? '';
    expect(id).not.toBe('');
    await untilFinal(s.client, json.task_id); // meanwhile the client is away
    const again = await fetch(`${s.url}/mcp`, { headers: { ...headers, 'last-event-id': id } });
    expect(again.status).toBe(200);
    expect(await until(again, /resources\/updated/)).toContain(uri);
    const unknown = await fetch(`${s.url}/mcp`, { headers: { ...headers, 'last-event-id': 'nonsense' } });
    expect(unknown.status).toBeGreaterThanOrEqual(400);
  });

  test('that was made up is not found; a protocol from the future is answered with one that there is', async () => {
    await using s = await startSimulatedServer({}, {});
    const madeUp = await postMcp(s.url, 'tools/list', {
      headers: { 'mcp-session-id': '00000000-0000-4000-8000-000000000000' },
    });
    expect([madeUp.status, await madeUp.json()]).toMatchObject([
      404,
      { error: { message: 'Session not found' } },
    ]);
    const future = await begin(s.url, '2099-01-01');
    expect(await future.text()).toContain('"protocolVersion":"2025-11-25"');
    const modern = await postMcp(s.url, 'tools/list', {
      headers: { 'mcp-protocol-version': '2099-01-01', 'mcp-method': 'tools/list' },
      params: metaOf('2099-01-01'),
    });
    expect([modern.status, await modern.text()]).toEqual([400, expect.stringContaining('2026-07-28')]);
  });
});
