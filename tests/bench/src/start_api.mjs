import { spawn } from 'node:child_process';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { freePort } from './free_port.mjs';
import { here } from './measure.mjs';

/** mcp-api in a process of its own, before a scanner that it never calls. */
export async function startApi(environment) {
  const port = await freePort();
  const child = spawn(process.execPath, [here('../../../apps/mcp-api/dist/main.js')], {
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
  const isUp = () =>
    fetch(`${url}/health`).then(
      () => true,
      () => false,
    );
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(`mcp-api ended: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url, pid: child.pid, stop: () => child.kill() };
}

/** A client of it, and how to call a tool and know how long that took. */
export async function connectClient(url, headers = {}) {
  const client = new Client({ name: 'bench', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }),
  );
  return {
    async call(name, args) {
      const begun = performance.now();
      const answer = await client.callTool({ name, arguments: args });
      if (answer.isError) throw new Error(answer.content[0].text);
      return { ms: performance.now() - begun, value: JSON.parse(answer.content[0].text) };
    },
    close: () => client.close(),
  };
}
