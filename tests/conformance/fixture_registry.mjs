// The tools, resources and prompts that the public conformance suite asks for, in place of ours.
import { McpServer } from '@modelcontextprotocol/server';
import { codec } from './ask_client.mjs';
import { addAskingTools } from './fixture_asking_tools.mjs';
import { addPrompts } from './fixture_prompts.mjs';
import { addResources } from './fixture_resources.mjs';
import { addTools } from './fixture_tools.mjs';

/** Builds the server of a request or a session. */
export function buildFixtures() {
  const server = new McpServer(
    { name: 'nessus-mcp-fixtures', version: '0' },
    {
      capabilities: { logging: {}, resources: { subscribe: true } },
      requestState: { verify: (state, context) => codec.verify(state, context) },
    },
  );
  addTools(server);
  addAskingTools(server);
  addResources(server);
  addPrompts(server);
  return server;
}
