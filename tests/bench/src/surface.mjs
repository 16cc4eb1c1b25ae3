import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTaskStore, queuedTask } from '@nmcp/tasks';
import { newTaskId } from '@nmcp/types';
import { freePort } from './free_port.mjs';
import { atLeast, atMost, here, median } from './measure.mjs';
import { connectClient, startApi } from './start_api.mjs';

const ROUNDS = 8;
const CALLS = 2000;
const CONNECTIONS = 16;
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '0' },
  'io.modelcontextprotocol/clientCapabilities': {},
};
const STREAMS = 500;

/** What the tools cost beside the SDK, and what open streams do. */
export async function surface(say) {
  return [await toolsAgainstEcho(say), ...(await openStreams(say))];
}

async function toolsAgainstEcho(say) {
  const folder = mkdtempSync(join(tmpdir(), 'nmcp-bench-surface-'));
  const api = await startApi({ DATA_DIR: folder });
  const echo = await startEcho();
  const client = await connectClient(api.url);
  try {
    const { task_id } = (await client.call('run_untrusted_scan', { targets: '192.0.2.1', name: 'bench' }))
      .value;
    const calls = [
      { url: api.url, name: 'get_scan_status', task_id },
      { url: echo.url, name: 'echo', task_id },
    ];
    for (const call of calls) await rateOf(call); // warm
    const rates = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      say(`get_scan_status and echo, round ${round + 1} of ${ROUNDS}`);
      for (const i of round % 2 === 0 ? [0, 1] : [1, 0]) rates[i].push(await rateOf(calls[i]));
    }
    const [ours, theirs] = rates.map(median);
    return atLeast(
      'tools/call get_scan_status',
      'calls/s',
      ours,
      'a bare echo tool',
      theirs,
      ours / theirs,
      0.85,
    );
  } finally {
    await client.close();
    api.stop();
    echo.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Calls a second of a tool over several connections; by hand, since the SDK's client costs more than its server. */
async function rateOf({ url, name, task_id }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name, arguments: { task_id }, _meta: META },
  });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': 'tools/call',
    'mcp-name': name,
  };
  const call = () =>
    new Promise((resolve, reject) => {
      const sent = request(`${url}/mcp`, { method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => (text.includes(task_id) ? resolve() : reject(new Error(text))));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  let left = CALLS;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (left-- > 0) await call();
    }),
  );
  agent.destroy();
  return (1000 * CALLS) / (performance.now() - begun);
}

async function startEcho() {
  const port = await freePort();
  const child = spawn(process.execPath, [here('echo_server.mjs'), String(port)], { stdio: 'inherit' });
  const url = `http://127.0.0.1:${port}`;
  while (
    !(await fetch(`${url}/health`).then(
      () => true,
      () => false,
    ))
  )
    await new Promise((resolve) => setTimeout(resolve, 20));
  return { url, stop: () => child.kill() };
}

/** Clients that each hear of one task's changes on a stream of their own. */
async function openStreams(say) {
  const folder = mkdtempSync(join(tmpdir(), 'nmcp-bench-streams-'));
  const api = await startApi({ DATA_DIR: folder, STREAMS: String(STREAMS) });
  const tasks = createTaskStore({ dataDir: folder });
  const task = queuedTask({
    task_id: newTaskId('nessus'),
    trace_id: 'bench',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_pool: 'nessus',
    scanner_instance_id: null,
    payload: { targets: '10.0.0.1', name: 'bench', description: '', schema_profile: 'brief' },
    created_at: new Date().toISOString(),
  });
  await tasks.create(task);
  const streams = [];
  try {
    say(`${STREAMS} open streams`);
    for (let i = 0; i < STREAMS; i++) streams.push(await openStream(api.url, task.task_id));
    const begun = performance.now();
    await tasks.change(task.task_id, 1, (before) => ({
      ...before,
      status: 'running',
      started_at: new Date().toISOString(),
    }));
    await Promise.all(streams.map((stream) => stream.updated));
    const ms = performance.now() - begun;
    const kb = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${api.pid}/status`, 'utf8'))?.[1]);
    return [
      atMost(`memory with ${STREAMS} open streams`, 'MB', kb / 1024, 300),
      atMost(`a change reaches ${STREAMS} streams`, 's', ms / 1000, 1),
    ];
  } finally {
    for (const stream of streams) stream.close();
    api.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A stream of protocol 2026-07-28, by hand: 500 clients of the SDK would be what is measured. */
function openStream(url, taskId) {
  const uri = `nessus://scans/${taskId}`;
  const params = { notifications: { resourceSubscriptions: [uri] }, _meta: META };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen', params });
  return new Promise((resolve, reject) => {
    let isUpdated = () => {};
    const updated = new Promise((done) => {
      isUpdated = done;
    });
    const sent = request(
      `${url}/mcp`,
      {
        method: 'POST',
        agent: false,
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-protocol-version': '2026-07-28',
          'mcp-method': 'subscriptions/listen',
        },
      },
      (response) => {
        let text = '';
        response.on('error', () => {}); // closed at the end
        response.on('data', (chunk) => {
          text += chunk;
          if (response.statusCode !== 200) reject(new Error(`${response.statusCode}: ${text}`));
          if (text.includes('acknowledged')) resolve({ updated, close: () => sent.destroy() });
          if (text.includes('resources/updated')) isUpdated();
        });
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
