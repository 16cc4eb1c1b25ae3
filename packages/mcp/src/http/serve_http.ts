import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { messageOf, NmcpError } from '@nmcp/types';
import type { Services } from '../services.ts';
import { createHttpApp, type HttpAppOptions } from './create_http_app.ts';

/** Whether only this machine can connect. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Options of {@linkcode serveHttp}. */
export interface ServeHttpOptions extends HttpAppOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** Milliseconds in which a request has to arrive as a whole. @default 30000 */
  requestTimeoutMs?: number | undefined;
}

const REQUEST_TIMEOUT_MS = 30_000;
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
  const { host, port } = options;
  if (!options.tokens && !options.oauth && !isLoopback(host))
    throw new NmcpError(
      'invalid_config',
      `HOST ${host} is not the loopback interface, so callers need tokens, and there is none: make one with nmcp-admin token create, or listen on 127.0.0.1`,
    );
  const isWildcard = host === '0.0.0.0' || host === '::';
  const allowedHosts = [...(options.allowedHosts ?? []), ...(isWildcard ? [] : [host])];
  const { app, close: closeApp } = createHttpApp(services, { ...options, allowedHosts });
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      // who sends a byte now and then takes a connection from the others
      requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      headersTimeout: Math.min(options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS, HEADERS_TIMEOUT_MS),
      connectionsCheckingInterval: 500,
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new NmcpError('invalid_config', `Cannot listen on ${host}:${port}: ${messageOf(error)}`, {
          cause: error,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo; // a TCP server's address is never a text
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
