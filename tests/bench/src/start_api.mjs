import { spawn } from 'node:child_process';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { freePort, inTempFolder, untilAnswers } from '@nmcp/test-support';
import { here } from './measure.mjs';

/** mcp-api in a process of its own, before a scanner that it never calls. */
export async function startApi(environment) {
  const port = await freePort();
  const child = spawn(process.execPath, [here('../../../apps/mcp-api/bin/main.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      LOG_LEVEL: 'warn',
      NESSUS_URL: 'http://127.0.0.1:9',
      NESSUS_ACCESS_KEY: 'a',
      NESSUS_SECRET_KEY: 's',
      ...environment,
    },
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/health`, {
    isGone: () => (child.exitCode === null ? undefined : `mcp-api ended: ${said}`),
  });
  return { url, pid: child.pid, stop: () => child.kill() };
}

/** A client of it, and how to call a tool and know how long that took. */
export async function connectClient(url, headers = {}) {
  const client = new Client({ name: 'bench', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }),
  );
  return {
    /** The tools as a model is told of them. */
    tools: async () => (await client.listTools()).tools,
    async call(name, args) {
      const begun = performance.now();
      const { content, isError } = await client.callTool({ name, arguments: args });
      const ms = performance.now() - begun;
      const { text } = content[0];
      if (isError) throw new Error(text);
      return { ms, text };
    },
    /** Asks for a scan that no worker will run; its task. */
    async submit(targets = '192.0.2.1') {
      const { ms, text } = await this.call('run_untrusted_scan', { targets, name: 'bench' });
      return { ms, taskId: JSON.parse(text).task_id };
    },
    close: () => client.close(),
  };
}

/**
 * Runs an action against mcp-api with a data directory of its own, and a client of it. `prepare` fills the directory before
 * the start, and answers the headers that the client sends.
 */
export function withApi(environment, action, { prepare = () => ({}) } = {}) {
  return inTempFolder(async (dataDir) => {
    const headers = await prepare(dataDir);
    const api = await startApi({ DATA_DIR: dataDir, ...environment });
    try {
      const client = await connectClient(api.url, headers);
      try {
        return await action({ ...api, dataDir, client });
      } finally {
        await client.close();
      }
    } finally {
      api.stop();
    }
  });
}
