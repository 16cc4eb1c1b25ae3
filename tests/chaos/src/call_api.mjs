import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

const TARGETS = '192.0.2.0/29';
const TRIES = 40;

/** Submits a scan as an MCP client; its task, or `undefined` when the API did not accept it. */
export async function submitScan(apiUrl, key) {
  const input = { targets: TARGETS, name: 'chaos', ...(key ? { idempotency_key: key } : {}) };
  return (await callUntilAnswered(apiUrl, 'run_untrusted_scan', input))?.task_id;
}

/** Cancels a scan; what the API has answered, or `undefined` when it did not. */
export async function cancelScan(apiUrl, taskId) {
  return (await callUntilAnswered(apiUrl, 'cancel_scan', { task_id: taskId }))?.outcome;
}

async function callUntilAnswered(apiUrl, name, input) {
  for (let tries = 0; tries < TRIES; tries++) {
    const client = new Client({ name: 'chaos', version: '0' }, { versionNegotiation: { mode: 'auto' } });
    try {
      await client.connect(new StreamableHTTPClientTransport(new URL(`${apiUrl}/mcp`)));
      const result = await client.callTool({ name, arguments: input });
      if (!result.isError) return JSON.parse(result.content[0].text);
    } catch {
      // the API, or its Redis, is away just now
    } finally {
      await client.close().catch(() => {});
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}
