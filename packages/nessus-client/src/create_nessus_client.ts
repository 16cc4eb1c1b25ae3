import { Connection } from './connection.ts';
import type { NessusClient, NessusClientOptions } from './nessus_client.ts';
import { checkAnswer, parseJson, refuseErrorBody } from './read_answer.ts';

/**
 * Opens a connection to a scanner. Nothing is sent before the first call.
 *
 * Calls throw `NmcpError`s: `scanner_unreachable` (no connection, 429, 500 and above: try again), `scanner_auth`,
 * `scan_api_unavailable` (the licence), `not_found`, `scanner_error`.
 *
 * @example
 * ```ts no-run
 * import { createNessusClient, listScans } from '@nmcp/nessus-client';
 *
 * const client = createNessusClient({
 *   url: 'https://localhost:8834',
 *   auth: { accessKey: 'A', secretKey: 'S' },
 * });
 * console.log(await listScans(client));
 * ```
 */
export function createNessusClient(options: NessusClientOptions): NessusClient {
  const connection = new Connection(options);
  return {
    origin: connection.origin,
    async call(schema, method, path, content = {}) {
      const endpoint = `${method} ${path}`;
      const text = await connection.send(method, path, content, (response) =>
        connection.text(response, endpoint),
      );
      return checkAnswer(schema, refuseErrorBody(parseJson(text, endpoint), endpoint), endpoint);
    },
    async run(method, path, content = {}) {
      const endpoint = `${method} ${path}`;
      const text = await connection.send(method, path, content, (response) =>
        connection.text(response, endpoint),
      );
      if (/^\s*\{/.test(text)) refuseErrorBody(parseJson(text, endpoint), endpoint);
    },
    download: (path, downloadOptions = {}) => connection.download(path, downloadOptions),
    close: () => connection.logout(),
  };
}
