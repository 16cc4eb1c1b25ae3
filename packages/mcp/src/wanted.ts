/** What a request needs of the server that is built for it. */
export interface Wanted {
  /** A tool by its name; `true` for all, `false` for none. */
  tools: boolean | string;
  resources: boolean;
  prompts: boolean;
}

const ALL: Wanted = { tools: true, resources: true, prompts: true };
const NONE: Wanted = { tools: false, resources: false, prompts: false };

/**
 * What a request of protocol 2026-07-28 needs: it says in its headers what it asks for, and the SDK holds them against its
 * body. A server is built for each, so what it does not ask for is left out. Sessions need all.
 */
export function wantedBy(headers: Headers): Wanted {
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
