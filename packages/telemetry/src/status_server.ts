import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cannotListen, messageOf } from '@nmcp/types';

/** The response of a status page. */
export interface StatusAnswer {
  status: number;
  /** An object is sent as JSON. */
  body: object | string;
  contentType?: string | undefined;
}

/** A page by its path. */
export type StatusPages = Readonly<Record<string, (headers: IncomingHttpHeaders) => Promise<StatusAnswer>>>;

/** A listening server. */
export interface StatusServer extends AsyncDisposable {
  readonly url: string;
}

const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Serves pages for probes and scrapers, for programs that serve nothing else.
 *
 * @throws {NmcpError} `invalid_config` when the port is taken or the address is not this machine's
 */
export async function serveStatus(
  pages: StatusPages,
  { host, port }: { host: string; port: number },
): Promise<StatusServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS }, (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    const answer = page?.(request.headers) ?? Promise.resolve(notFound(pages));
    void answer.catch(failed).then(({ status, body, contentType = 'application/json' }) => {
      response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(cannotListen(cause, { host, port })));
    server.listen(port, host, resolve);
  });
  const bound = server.address() as AddressInfo; // a TCP server's address is never a string
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function notFound(pages: StatusPages): StatusAnswer {
  const message = `Available: ${Object.keys(pages).join(', ')}`;
  return { status: 404, body: { error: 'Not found', message, status_code: 404 } };
}

function failed(error: unknown): StatusAnswer {
  return { status: 500, body: { error: 'Internal error', message: messageOf(error), status_code: 500 } };
}
