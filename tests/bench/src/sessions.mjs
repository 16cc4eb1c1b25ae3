import { givenOrPrivateRedis, inTempFolder, ratioAtLeast } from '@nmcp/test-support';
import { startApi } from './start_api.mjs';
import { writeTask } from './write_task.mjs';

const ROUNDS = 5;
const ROUND_MS = 2000;
const AT_A_TIME = 16;
const TASK = 'ne_scan_20251201_143022_a1b2c3d4';
const HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
};

/** What it costs that any server can take up a session: get_scan_status in sessions on Redis, and in memory. */
export async function sessions(say) {
  const redis = await givenOrPrivateRedis();
  return await inTempFolder(async (folder) => {
    const stores = { memory: {}, Redis: { REDIS_URL: redis.url } };
    const apis = {};
    const rates = { memory: [], Redis: [] };
    try {
      for (const [name, environment] of Object.entries(stores)) {
        const DATA_DIR = `${folder}/${name}`;
        apis[name] = await startApi({ ...environment, DATA_DIR, CALLS_PER_MINUTE: '0' });
        writeTask(DATA_DIR, task());
      }
      // in turns, so that what else the machine does befalls both
      for (let round = 0; round < ROUNDS; round++)
        for (const name of Object.keys(stores)) rates[name].push(await rate(apis[name].url));
    } finally {
      for (const api of Object.values(apis)) api.stop();
      await redis.stop();
    }
    const [memory, onRedis] = [median(rates.memory), median(rates.Redis)];
    say(`${Math.round(memory)} calls/s in memory, ${Math.round(onRedis)} on Redis`);
    return [
      ratioAtLeast('get_scan_status in a session on Redis', 'calls/s', onRedis, 'in memory', memory, 0.8),
    ];
  });
}

/** Calls a second, in sessions that are called at the same time. */
async function rate(url) {
  const opened = await Promise.all(Array.from({ length: AT_A_TIME }, () => open(url)));
  const begun = performance.now();
  let calls = 0;
  await Promise.all(
    opened.map(async (session) => {
      while (performance.now() - begun < ROUND_MS) {
        const params = { name: 'get_scan_status', arguments: { task_id: TASK } };
        const text = await post(url, session, { id: ++calls, method: 'tools/call', params });
        if (!text.includes('"completed"')) throw new Error(text);
      }
    }),
  );
  return (1000 * calls) / (performance.now() - begun);
}

async function open(url) {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'b', version: '0' } };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  const response = await fetch(`${url}/mcp`, { method: 'POST', headers: HEADERS, body });
  await response.text();
  return response.headers.get('mcp-session-id');
}

async function post(url, session, message) {
  const headers = { ...HEADERS, 'mcp-session-id': session };
  const body = JSON.stringify({ jsonrpc: '2.0', ...message });
  return await (await fetch(`${url}/mcp`, { method: 'POST', headers, body })).text();
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function task() {
  const at = '2025-12-01T14:30:22.000Z';
  return {
    ...{ task_id: TASK, trace_id: 't', scan_type: 'untrusted', scanner_type: 'nessus' },
    ...{ scanner_instance_id: 'scanner1', scanner_pool: 'nessus', status: 'completed' },
    payload: { targets: '192.0.2.1', name: 'bench' },
    ...{ created_at: at, started_at: at, completed_at: at },
  };
}
