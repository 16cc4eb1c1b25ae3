import { atMost } from '@nmcp/test-support';
import { percentile } from './measure.mjs';
import { withApi } from './start_api.mjs';

const WARM_UP = 50;
const CALLS = 500;

/** How long a client waits for run_untrusted_scan and get_scan_status through mcp-api on Redis. */
export function apiLatency(redisUrl, say) {
  return withApi({ REDIS_URL: redisUrl }, async ({ client }) => {
    say(`${CALLS} submissions through MCP`);
    for (let i = 0; i < WARM_UP; i++) await client.submit('192.0.2.0/24');
    const submitted = [];
    for (let i = 0; i < CALLS; i++) submitted.push(await client.submit('192.0.2.0/24'));
    const asked = [];
    for (const { taskId } of submitted) asked.push(await client.call('get_scan_status', { task_id: taskId }));
    const p95 = (calls) =>
      percentile(
        calls.map(({ ms }) => ms),
        0.95,
      );
    return [
      atMost('submit through MCP, p95', 'ms', p95(submitted), 25),
      atMost('get_scan_status through MCP, p95', 'ms', p95(asked), 10),
    ];
  });
}
