import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atMost, percentile } from './measure.mjs';
import { connectClient, startApi } from './start_api.mjs';

const WARM_UP = 50;
const CALLS = 500;

/** How long a client waits for run_untrusted_scan and get_scan_status through mcp-api on Redis. */
export async function apiLatency(redisUrl, say) {
  const folder = mkdtempSync(join(tmpdir(), 'nmcp-bench-api-'));
  const api = await startApi({ REDIS_URL: redisUrl, DATA_DIR: folder });
  const client = await connectClient(api.url);
  try {
    say(`${CALLS} submissions through MCP`);
    const submit = () => client.call('run_untrusted_scan', { targets: '192.0.2.0/24', name: 'bench' });
    for (let i = 0; i < WARM_UP; i++) await submit();
    const submitted = [];
    for (let i = 0; i < CALLS; i++) submitted.push(await submit());
    const asked = [];
    for (const { value } of submitted)
      asked.push(await client.call('get_scan_status', { task_id: value.task_id }));
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
    api.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
