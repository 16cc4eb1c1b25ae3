import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { isLoopback } from '@nmcp/access';
import type { Services } from '@nmcp/scans';
import { cannotListen, NmcpError } from '@nmcp/types';
import { createHttpApp, type HttpAppOptions } from './create_http_app.ts';

/** Options of {@linkcode serveHttp}. */
export interface ServeHttpOptions extends HttpAppOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Seconds within which a whole request must arrive. @default 30 */
  requestSeconds?: number | undefined;
  /** Seconds within which a client must read some of the data sent to it. @default 30 */
  stallSeconds?: number | undefined;
}

const HEADERS_TIMEOUT_MS = 10_000;

/** A listening server. */
export interface HttpServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:8836`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Listens for MCP clients.
 *
 * @throws {NmcpError} `invalid_config` when the port is taken or the address is not this machine's
 */
export async function serveHttp(services: Services, options: ServeHttpOptions): Promise<HttpServer> {
  const { host, port, requestSeconds = 30, stallSeconds = 30 } = options;
  if (!services.tokens && !services.oauth && !isLoopback(host))
    throw new NmcpError(
      'invalid_config',
      `HOST ${host} is not the loopback interface, so callers need tokens, and there are none: create one with nmcp-admin token create, or listen on 127.0.0.1`,
    );
  const isWildcard = host === '0.0.0.0' || host === '::';
  const allowedHosts = [...(options.allowedHosts ?? []), ...(isWildcard ? [] : [host])];
  const { app, close: closeApp } = createHttpApp(services, { ...options, allowedHosts });
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      // a client that sends a byte now and then would block a connection
      requestTimeout: requestSeconds * 1000,
      headersTimeout: Math.min(requestSeconds * 1000, HEADERS_TIMEOUT_MS),
      connectionsCheckingInterval: 500,
    },
  });
  dropStalledClients(server as Server, stallSeconds * 1000); // without options for HTTP/2 it is one
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(cannotListen(cause, { host, port })));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo; // a TCP server's address is never a string
  const close = async (): Promise<void> => {
    await closeApp();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ('closeAllConnections' in server) server.closeAllConnections();
    });
  };
  const name = isWildcard ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return { url: `http://${name}:${address.port}`, close, [Symbol.asyncDispose]: close };
}

/**
 * Ends connections whose client reads none of the data waiting for it, which would pile up here. An idle stream is not
 * affected. Node counts outgoing bytes as activity, so a slow network is not a stall.
 */
function dropStalledClients(server: Server, stallMs: number): void {
  server.timeout = stallMs;
  server.on('request', (_request, response) => {
    // with a listener, Node leaves the connection to it while a response is in progress
    response.on('timeout', (socket) => {
      if (socket.writableLength > 0) socket.destroy();
    });
  });
}
