import { type Simulator, type SimulatorOptions, startSimulator } from '@nmcp/simulator';
import { serveHttp } from '@nmcp/test-support';
import { createNessusClient, type NessusClient, type NessusClientOptions, runScan } from './mod.ts';

/** A client before a simulated scanner. */
export interface Simulated extends AsyncDisposable {
  simulator: Simulator;
  client: NessusClient;
}

/** Sets both up. */
export async function simulated(
  options: SimulatorOptions = {},
  clientOptions: Partial<NessusClientOptions> = {},
): Promise<Simulated> {
  const simulator = await startSimulator({ tls: false, speed: 1000, ...options });
  const { url, accessKey, secretKey } = simulator;
  const client = createNessusClient({
    url,
    auth: { accessKey, secretKey },
    retry: { firstWaitMs: 2 },
    ...clientOptions,
  });
  return { simulator, client, [Symbol.asyncDispose]: () => simulator.close() };
}

/** Looks as often as a simulated scanner changes. */
export const QUICK = { firstPollMs: 2, maxPollMs: 10 };

/** Runs a scan to its end; its number. */
export async function finished(client: NessusClient): Promise<number> {
  const scan = await runScan(client, { targets: '192.0.2.0/28' });
  await scan.finished(QUICK);
  return scan.id;
}

/** How often the scanner was called so. */
export const callsOf = (simulator: Simulator, method: string, path: RegExp): number =>
  simulator.requests().filter((request) => request.method === method && path.test(request.path)).length;

/** A client before a server that answers as the test says, where the simulator is too well-behaved. */
export async function answering(
  respond: Parameters<typeof serveHttp>[0],
  options: Partial<NessusClientOptions> = {},
): Promise<AsyncDisposable & { client: NessusClient; asked: string[] }> {
  const asked: string[] = [];
  const server = await serveHttp((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    return respond(request, response);
  });
  return {
    asked,
    client: createNessusClient({
      url: server.url,
      auth: { accessKey: 'a', secretKey: 's' },
      maxJsonBytes: 1_000_000,
      retry: { firstWaitMs: 2 },
      ...options,
    }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
