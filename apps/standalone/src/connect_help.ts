/** What to paste into a client to connect it. */
export function connectHelp(url: string, { hasTokens = false }: { hasTokens?: boolean } = {}): string {
  const endpoint = `${url}/mcp`;
  const header = hasTokens ? ' --header "Authorization: Bearer TOKEN"' : '';
  const more = hasTokens ? ', "headers": {"Authorization": "Bearer TOKEN"}' : '';
  return `Nessus MCP listens at ${endpoint}

  Dashboard      ${url}/
  Claude Code    claude mcp add --transport http nessus ${endpoint}${header}
  VS Code        .vscode/mcp.json      {"servers": {"nessus": {"type": "http", "url": "${endpoint}"${more}}}}
  Cursor         .cursor/mcp.json      {"mcpServers": {"nessus": {"url": "${endpoint}"${more}}}}
  old clients    HTTP+SSE at ${url}/sse
${hasTokens ? '\nTOKEN is what nmcp-admin token create prints.\n' : ''}`;
}
