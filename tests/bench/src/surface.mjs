import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { createTaskStore } from '@nmcp/tasks';
import { atMost, freePort, ratioAtLeast, untilAnswers } from '@nmcp/test-support';
import { benchTask } from './bench_task.mjs';
import { here, mediansInTurns } from './measure.mjs';
import { residentMb } from './process_memory.mjs';
import { withApi } from './start_api.mjs';

const ROUNDS = 16;
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

function toolsAgainstEcho(say) {
  return withApi({}, async (api) => {
    const echo = await startEcho();
    try {
      const { taskId } = await api.client.submit();
      const calls = [
        { url: api.url, name: 'get_scan_status', task_id: taskId },
        { url: echo.url, name: 'echo', task_id: taskId },
      ].map((call) => () => rateOf(call));
      for (const call of calls) await call(); // warm
      const [ours, theirs] = await mediansInTurns(ROUNDS, calls, (round) =>
        say(`get_scan_status and echo, ${round}`),
      );
      return ratioAtLeast('tools/call get_scan_status', 'calls/s', ours, 'a bare echo tool', theirs, 0.9);
    } finally {
      echo.stop();
    }
  });
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
    ...headersOf('tools/call'),
    'content-length': Buffer.byteLength(body),
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
  await untilAnswers(`${url}/health`);
  return { url, stop: () => child.kill() };
}

/** Clients that each hear of one task's changes on a stream of their own. */
function openStreams(say) {
  return withApi({ STREAMS: String(STREAMS) }, async (api) => {
    const tasks = createTaskStore({ dataDir: api.dataDir });
    const task = benchTask({ targets: '10.0.0.1' });
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
      return [
        atMost(`memory with ${STREAMS} open streams`, 'MB', residentMb(api.pid), 300),
        atMost(`a change reaches ${STREAMS} streams`, 's', ms / 1000, 1),
      ];
    } finally {
      for (const stream of streams) stream.close();
    }
  });
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
        headers: headersOf('subscriptions/listen'),
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

function headersOf(method) {
  return {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': META['io.modelcontextprotocol/protocolVersion'],
    'mcp-method': method,
  };
}
