import { type AppProcess, startApp } from './app_process.ts';
import { connect, type McpClient } from './mcp_client.ts';

/** mcp-api in a process of its own, once it listens. */
export async function startApi(environment: Record<string, string>): Promise<AppProcess & { url: string }> {
  const app = startApp('mcp-api', [], environment);
  const [, url = ''] = await app.says(/"url":"(http[^"]+)"/);
  return { ...app, url };
}

/** The two as processes of their own, and a client. */
export interface ApiAndWorker extends AsyncDisposable {
  api: AppProcess & { url: string };
  worker: AppProcess;
  client: McpClient;
}

/** Starts them at the same time, and waits until both are ready; the worker may be on another host. */
export async function startApiAndWorker(
  environment: Record<string, string>,
  headers: Record<string, string> = {},
  workers: Record<string, string> = environment,
): Promise<ApiAndWorker> {
  const worker = startApp('worker', [], workers);
  const api = await startApi(environment);
  await worker.says(/working/);
  const client = await connect(api.url, headers);
  return {
    api,
    worker,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await worker.stop();
      await api.stop();
    },
  };
}
