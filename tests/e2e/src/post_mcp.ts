/** Headers of a message that is sent by hand. */
export const MCP_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/** Sends one JSON-RPC request by hand, as no client of an SDK would. */
export function postMcp(
  url: string,
  method: string,
  { headers = {}, params = {} }: { headers?: Record<string, string>; params?: object } = {},
): Promise<Response> {
  return fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { ...MCP_HEADERS, ...headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
}

/** What a request of a stateless protocol carries in its parameters. */
export function metaOf(protocolVersion: string, clientCapabilities = {}): object {
  return {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': protocolVersion,
      'io.modelcontextprotocol/clientInfo': { name: 't', version: '0' },
      'io.modelcontextprotocol/clientCapabilities': clientCapabilities,
    },
  };
}
