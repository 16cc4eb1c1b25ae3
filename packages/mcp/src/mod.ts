/**
 * The MCP surface: tools, transports, the HTTP app.
 *
 * @module
 */

export { createMcpServer, SERVER_VERSION } from './create_mcp_server.ts';
export { createHttpApp, type HttpApp, type HttpAppOptions } from './http/create_http_app.ts';
export { type HttpServer, type ServeHttpOptions, serveHttp } from './http/serve_http.ts';
export { TOOL_NAMES } from './tools/mod.ts';
