/** What to paste into a client to connect it. */
export function connectHelp(url: string): string {
  const endpoint = `${url}/mcp`;
  return `Nessus MCP listens at ${endpoint}

  Claude Code    claude mcp add --transport http nessus ${endpoint}
  VS Code        .vscode/mcp.json      {"servers": {"nessus": {"type": "http", "url": "${endpoint}"}}}
  Cursor         .cursor/mcp.json      {"mcpServers": {"nessus": {"url": "${endpoint}"}}}
  old clients    HTTP+SSE at ${url}/sse
`;
}
