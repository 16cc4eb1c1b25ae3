import { type Simulator, type SimulatorOptions, startSimulator } from '@nmcp/simulator';
import { tempFolder } from '@nmcp/test-support';
import { type AppProcess, startApp } from './app_process.ts';
import { connect, type McpClient } from './mcp_client.ts';

/** `nmcp serve` before a simulated scanner of its own, and a client. */
export interface SimulatedServer extends AsyncDisposable {
  simulator: Simulator;
  server: AppProcess;
  client: McpClient;
  /** Of the server, without a path. */
  url: string;
}

/** @param environment of the server, beside what leads to the scanner */
export async function startSimulatedServer(
  options: SimulatorOptions,
  environment: Record<string, string>,
): Promise<SimulatedServer> {
  const folder = await tempFolder();
  const simulator = await startSimulator({ speed: 300, ...options });
  const server = startApp('standalone', ['serve', '--port', '0'], {
    NESSUS_URL: simulator.url,
    NESSUS_FINGERPRINT: simulator.fingerprint ?? '',
    NESSUS_ACCESS_KEY: simulator.accessKey,
    NESSUS_SECRET_KEY: simulator.secretKey,
    POLL_SECONDS: '0.2',
    DATA_DIR: folder.path,
    ...environment,
  });
  const [, url = ''] = await server.says(/listens at (http:\S+)\/mcp/);
  const client = await connect(url);
  return {
    simulator,
    server,
    client,
    url,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server.stop();
      await simulator.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}
