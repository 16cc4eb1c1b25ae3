import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** The SDK's own client, for what tools alone do not show. */
export async function rawClient(
  url: string,
  mode: 'auto' | 'legacy' = 'auto',
  headers: Record<string, string> = {},
): Promise<Client> {
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode } });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { requestInit: { headers } }),
  );
  return client;
}

/** Subscribes to a resource, in the words of the client's era. */
export async function subscribe(client: Client, mode: 'auto' | 'legacy', uri: string): Promise<void> {
  if (mode === 'legacy') await client.subscribeResource({ uri });
  else await client.listen({ resourceSubscriptions: [uri] });
}
