import { none } from './fixture_content.mjs';

/** Registers a tool. */
export function addTool(server, name, run, inputSchema = none) {
  server.registerTool(name, { description: `Fixture ${name}`, inputSchema }, run);
}
