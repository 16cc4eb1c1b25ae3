import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { freePort, tempFolder } from '@nmcp/test-support';

/** What came through a proxy. */
export interface ProxiedAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A proxy that ends TLS. */
export interface TlsProxy extends AsyncDisposable {
  ask(method: string, path: string, body: string, headers: Record<string, string>): Promise<ProxiedAnswer>;
}

/**
 * A proxy that does what the lines `proxy_set_header` of an nginx block say, for the name that it serves.
 *
 * @param upstream where it hands requests to
 */
export async function proxyOf(nginx: string, upstream: string): Promise<TlsProxy> {
  await using folder = await tempFolder();
  const [key, cert] = [`${folder.path}/key.pem`, `${folder.path}/cert.pem`];
  const name = /server_name (\S+);/.exec(nginx)?.[1] ?? '';
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', `/CN=${name}`];
  await promisify(execFile)('openssl', [...args, '-keyout', key, '-out', cert]);
  const set = [...nginx.matchAll(/proxy_set_header (\S+) (\S+);/g)];
  const server = createServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (incoming, outgoing) => {
      const client = incoming.socket.remoteAddress ?? '';
      const values: Record<string, string> = {
        $host: incoming.headers.host ?? '',
        $scheme: 'https',
        $proxy_add_x_forwarded_for: [incoming.headers['x-forwarded-for'], client].filter(Boolean).join(', '),
      };
      const given = Object.fromEntries(
        set.map(([, header = '', value = '']) => [header.toLowerCase(), values[value] ?? value]),
      );
      const { host: _, ...headers } = incoming.headers;
      const onward = plainRequest(
        new URL(incoming.url ?? '/', upstream),
        { method: incoming.method ?? 'GET', headers: { ...headers, ...given } },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      incoming.pipe(onward);
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    void freePort().then((port) => server.listen(port, '127.0.0.1', resolve));
  });
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a text
  return {
    ask: (method, path, body, headers) =>
      new Promise((resolve, reject) => {
        const options = { host: '127.0.0.1', port, method, path, rejectUnauthorized: false };
        const asking = request({ ...options, headers: { ...headers, host: name } }, (answer) => {
          let text = '';
          answer.on('data', (chunk) => {
            text += chunk;
          });
          answer.on('end', () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
          );
        });
        asking.on('error', reject);
        asking.end(body);
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
