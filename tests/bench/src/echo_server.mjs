// One tool that answers what it is told, on the SDK and the HTTP stack that the product has. Usage: node echo_server.mjs PORT
import { serve } from '@hono/node-server';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { Hono } from 'hono';
import * as v from 'valibot';

const inputSchema = toStandardJsonSchema(v.object({ task_id: v.string() }));
const handler = createMcpHandler(
  () => {
    const server = new McpServer({ name: 'echo', version: '0' });
    server.registerTool('echo', { description: 'Answers what it is told', inputSchema }, (input) => ({
      content: [{ type: 'text', text: JSON.stringify(input) }],
    }));
    return server;
  },
  { legacy: 'reject' },
);
const app = new Hono();
app.get('/health', (c) => c.text('ok'));
app.all('/mcp', (c) => handler.fetch(c.req.raw));
serve({ fetch: app.fetch, port: Number(process.argv[2]), hostname: '127.0.0.1' });
