import { afterAll, beforeAll, describe } from 'vitest';
import { type AppProcess, serveSimulated } from './app_process.ts';
import { CLIENTS, type Connect, type McpClient } from './mcp_client.ts';

/** `nmcp serve` with a simulated scanner, for all tests of a file. */
export function sharedServer(): { readonly url: string } {
  let server: (AppProcess & { url: string }) | undefined;
  beforeAll(async () => {
    server = await serveSimulated();
  });
  afterAll(() => server?.stop());
  return {
    get url() {
      if (server === undefined) throw new Error('The server is there while tests run');
      return server.url;
    },
  };
}

/** The same tests by every kind of client, each connected once. */
export function describeEveryClient(
  server: { readonly url: string },
  define: (client: McpClient, connect: Connect) => void,
): void {
  describe.each(Object.entries(CLIENTS))('a client of the kind %s', (_kind, connect) => {
    let connected: McpClient | undefined;
    beforeAll(async () => {
      connected = await connect(server.url);
    });
    afterAll(() => connected?.[Symbol.asyncDispose]());
    const client = (): McpClient => {
      if (connected === undefined) throw new Error('The client is connected while tests run');
      return connected;
    };
    define(
      {
        tools: () => client().tools(),
        call: (name, args) => client().call(name, args),
        [Symbol.asyncDispose]: () => client()[Symbol.asyncDispose](),
      },
      connect,
    );
  });
}
