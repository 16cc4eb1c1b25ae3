// The MCP clients that people use, each behind the same few calls.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { engines, load } from './engines.mjs';

const WHO = { name: 'client-matrix', version: '0' };

/** Of a list of parts, or of what a client makes of it. */
function textOf(content) {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((part) => part.text ?? '').join('') : JSON.stringify(content);
}

/** Both SDKs have the same calls. */
const ofSdk = (client) => ({
  tools: async () => (await client.listTools()).tools,
  call: async (name, args) => {
    const { content, isError = false } = await client.callTool({ name, arguments: args });
    return { text: textOf(content), isError };
  },
  close: () => client.close(),
});

async function sdk1({ url, command }) {
  const root = join(engines, 'node_modules/@modelcontextprotocol/sdk/dist/esm');
  const part = (path) => import(pathToFileURL(join(root, path)));
  const { Client } = await part('client/index.js');
  const client = new Client(WHO);
  if (url) {
    const { StreamableHTTPClientTransport } = await part('client/streamableHttp.js');
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  } else {
    const { StdioClientTransport } = await part('client/stdio.js');
    await client.connect(new StdioClientTransport({ ...command, stderr: 'ignore' }));
  }
  return ofSdk(client);
}

async function sdk2({ url, command }) {
  const { Client, StreamableHTTPClientTransport } = await load('@modelcontextprotocol/client');
  const client = new Client(WHO, { versionNegotiation: { mode: 'auto' } });
  if (url) await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  else {
    const { StdioClientTransport } = await load('@modelcontextprotocol/client/stdio');
    await client.connect(new StdioClientTransport({ ...command, stderr: 'ignore' }));
  }
  return ofSdk(client);
}

/** A server on standard input that passes everything on to one over HTTP. */
async function mcpRemote({ url }) {
  const proxy = join(engines, 'node_modules/mcp-remote/dist/proxy.js');
  return await sdk1({ command: { command: process.execPath, args: [proxy, url, '--allow-http'] } });
}

async function langchain({ url, command }) {
  const { MultiServerMCPClient } = await load('@langchain/mcp-adapters');
  const server = url ? { transport: 'http', url } : { transport: 'stdio', ...command };
  const client = new MultiServerMCPClient({ mcpServers: { nessus: server } });
  const tools = await client.getTools();
  return {
    tools: async () => tools.map(({ name, schema }) => ({ name, inputSchema: schema })),
    async call(name, args) {
      try {
        const answer = await tools.find((tool) => tool.name === name).invoke(args);
        return { text: textOf(answer), isError: false };
      } catch (error) {
        return { text: String(error.message), isError: true }; // as it tells a model
      }
    },
    close: () => client.close(),
  };
}

async function aiSdk({ url, command }) {
  const { createMCPClient } = await load('@ai-sdk/mcp');
  const { StdioMCPTransport } = await load('@ai-sdk/mcp/mcp-stdio');
  const transport = url ? { type: 'http', url } : new StdioMCPTransport(command);
  const client = await createMCPClient({ transport });
  const tools = await client.tools();
  return {
    tools: async () => {
      const schema = async ({ inputSchema }) => await (inputSchema.jsonSchema ?? inputSchema);
      return await Promise.all(
        Object.entries(tools).map(async ([name, tool]) => ({ name, inputSchema: await schema(tool) })),
      );
    },
    async call(name, args) {
      const answer = await tools[name].execute(args, { toolCallId: 'call', messages: [] });
      return { text: textOf(answer.content), isError: answer.isError === true };
    },
    close: () => client.close(),
  };
}

const openai =
  (convertSchemasToStrict) =>
  async ({ url, command }) => {
    const agents = await load('@openai/agents');
    const { getAllMcpTools, MCPServerStdio, MCPServerStreamableHttp, RunContext } = agents;
    const server = url
      ? new MCPServerStreamableHttp({ url, name: 'nessus' })
      : new MCPServerStdio({ ...command, name: 'nessus' });
    await server.connect();
    const tools = await getAllMcpTools({ mcpServers: [server], convertSchemasToStrict });
    return {
      tools: async () =>
        tools.map(({ name, parameters, strict }) => ({ name, inputSchema: parameters, strict })),
      async call(name, args) {
        const tool = tools.find((each) => each.name === name);
        const answer = await tool.invoke(new RunContext(), JSON.stringify(args));
        const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
        return { text, isError: /status_code\\?":\d/.test(text) };
      },
      close: () => server.close(),
    };
  };

async function mastra({ url, command }) {
  const { MCPClient } = await load('@mastra/mcp');
  const client = new MCPClient({
    servers: { nessus: url ? { url: new URL(url) } : command },
    timeout: 60_000,
  });
  const { nessus: tools } = await client.listToolsets();
  return {
    tools: async () => Object.entries(tools).map(([name, { inputSchema }]) => ({ name, inputSchema })),
    async call(name, args) {
      try {
        const answer = await tools[name].execute(args, {});
        const text = answer.content ? textOf(answer.content) : JSON.stringify(answer);
        return { text, isError: answer.isError === true || answer.error !== undefined };
      } catch (error) {
        return { text: String(error.message), isError: true };
      }
    },
    close: () => client.disconnect(),
  };
}

/** Each with the ways that it can connect. */
export const CLIENTS = [
  { name: '@modelcontextprotocol/sdk', connect: sdk1, ways: ['HTTP', 'stdio'] },
  { name: '@modelcontextprotocol/client', connect: sdk2, ways: ['HTTP', 'stdio'] },
  { name: 'mcp-remote', connect: mcpRemote, ways: ['HTTP'] },
  { name: '@langchain/mcp-adapters', connect: langchain, ways: ['HTTP', 'stdio'] },
  { name: '@ai-sdk/mcp', connect: aiSdk, ways: ['HTTP', 'stdio'] },
  { name: '@openai/agents', connect: openai(false), ways: ['HTTP', 'stdio'] },
  { name: '@openai/agents', mode: 'strict', connect: openai(true), ways: ['HTTP', 'stdio'] },
  { name: '@mastra/mcp', connect: mastra, ways: ['HTTP', 'stdio'] },
];
