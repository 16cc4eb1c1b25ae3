/** The parts of a server that a request is about. */
export interface RequestedParts {
  /** A tool by its name; `true` for all, `false` for none. */
  tools: boolean | string;
  resources: boolean;
  prompts: boolean;
}

const ALL: RequestedParts = { tools: true, resources: true, prompts: true };
const NONE: RequestedParts = { tools: false, resources: false, prompts: false };

/**
 * What a request of protocol 2026-07-28 needs: its headers name what it requests, and the SDK compares them with its body.
 * A server is built for each request, so everything else is left out. Sessions need everything.
 */
export function requestedParts(headers: Headers): RequestedParts {
  const method = headers.get('mcp-method');
  switch (method) {
    case 'tools/call':
      return { ...NONE, tools: headers.get('mcp-name') ?? true };
    case 'tools/list':
      return { ...NONE, tools: true };
    case 'subscriptions/listen':
      return NONE;
    case 'resources/read':
    case 'resources/list':
    case 'resources/templates/list':
      return { ...NONE, resources: true };
    case 'prompts/get':
    case 'prompts/list':
      return { ...NONE, prompts: true };
    default:
      return ALL;
  }
}
