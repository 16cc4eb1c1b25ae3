import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StreamableHTTPClientTransport as OldHttpTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { rawClient } from './raw_client.ts';

/** What a tool answered. */
export interface Answer {
  isError: boolean;
  text: string;
  /** The text as JSON; `{}` when it is none. */
  json: Record<string, unknown>;
}

/** A client as the tests use it, whichever SDK it comes from. */
export interface McpClient extends AsyncDisposable {
  tools(): Promise<string[]>;
  call(name: string, args?: Record<string, unknown>): Promise<Answer>;
}

/** Connects a client. */
export type Connect = (url: string, headers?: Record<string, string>) => Promise<McpClient>;

interface RawClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

function wrap(client: RawClient): McpClient {
  return {
    tools: async () => (await client.listTools()).tools.map((tool) => tool.name),
    async call(name, args = {}) {
      const result = (await client.callTool({ name, arguments: args })) as {
        isError?: boolean;
        content?: { text?: string }[];
      }; // of both SDKs
      const text = result.content?.[0]?.text ?? '';
      return { isError: result.isError === true, text, json: parse(text) };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const modern =
  (mode: 'auto' | 'legacy'): Connect =>
  async (url, headers = {}) =>
    wrap(await rawClient(url, mode, headers));

const old =
  (transport: (url: string, requestInit: RequestInit) => unknown): Connect =>
  async (url, headers = {}) => {
    const client = new OldClient({ name: 'test', version: '0' });
    await client.connect(transport(url, { headers }) as Transport); // its types are not exact about absent fields
    return wrap(client);
  };

/** The four kinds of client that are out in the world. */
export const CLIENTS: Record<string, Connect> = {
  '2.x in auto mode': modern('auto'),
  '2.x legacy': modern('legacy'),
  '1.x': old((url, requestInit) => new OldHttpTransport(new URL(`${url}/mcp`), { requestInit })),
  '1.x over SSE': old((url, requestInit) => new SSEClientTransport(new URL(`${url}/sse`), { requestInit })),
};

/** One of them, where it does not matter which. */
export const connect: Connect = modern('auto');

/** How a person answers a form. */
export type Respond = (message: string) => {
  action: 'accept' | 'decline' | 'cancel';
  content?: { run: boolean };
};

/** Connects a client that puts forms before a person. */
export async function connectAsking(
  url: string,
  mode: 'auto' | 'legacy',
  respond: Respond,
): Promise<McpClient> {
  const client = new Client(
    { name: 'test', version: '0' },
    { versionNegotiation: { mode }, capabilities: { elicitation: {} } },
  );
  client.setRequestHandler('elicitation/create', async ({ params }) => respond(params.message));
  await client.connect(new StreamableHTTPClientTransport(new URL(`${url}/mcp`)));
  return wrap(client);
}

/** Asks for a task's status until it is final. */
export async function untilFinal(client: McpClient, taskId: unknown): Promise<Record<string, unknown>> {
  while (true) {
    const { json } = await client.call('get_scan_status', { task_id: taskId });
    if (json.status !== 'queued' && json.status !== 'running') return json;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Lines of JSON-NL. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
}
