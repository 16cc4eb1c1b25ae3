import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { freePort } from './free_port.mjs';
import { atMost, here, percentile } from './measure.mjs';

const WARM_UP = 50;
const CALLS = 500;

/** How long a client waits for run_untrusted_scan and get_scan_status through mcp-api on Redis. */
export async function apiLatency(redisUrl, say) {
  const folder = mkdtempSync(join(tmpdir(), 'nmcp-bench-api-'));
  const port = await freePort();
  const api = spawn(process.execPath, [here('../../../apps/mcp-api/dist/main.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      REDIS_URL: redisUrl,
      DATA_DIR: folder,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      NESSUS_URL: 'http://127.0.0.1:9', // the API makes no call to it
      NESSUS_ACCESS_KEY: 'a',
      NESSUS_SECRET_KEY: 's',
    },
  });
  let said = '';
  api.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/health`).then(
      () => true,
      () => false,
    ))
  ) {
    if (api.exitCode !== null) throw new Error(`mcp-api ended: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const client = new Client({ name: 'bench', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
  const call = async (name, args) => {
    const begun = performance.now();
    const answer = await client.callTool({ name, arguments: args });
    if (answer.isError) throw new Error(answer.content[0].text);
    return { ms: performance.now() - begun, value: JSON.parse(answer.content[0].text) };
  };
  try {
    say(`${CALLS} submissions through MCP`);
    const submit = () => call('run_untrusted_scan', { targets: '192.0.2.0/24', name: 'bench' });
    for (let i = 0; i < WARM_UP; i++) await submit();
    const submitted = [];
    for (let i = 0; i < CALLS; i++) submitted.push(await submit());
    const asked = [];
    for (const { value } of submitted) asked.push(await call('get_scan_status', { task_id: value.task_id }));
    const p95 = (calls) =>
      percentile(
        calls.map(({ ms }) => ms),
        0.95,
      );
    return [
      atMost('submit through MCP, p95', 'ms', p95(submitted), 25),
      atMost('get_scan_status through MCP, p95', 'ms', p95(asked), 10),
    ];
  } finally {
    await client.close();
    api.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}
