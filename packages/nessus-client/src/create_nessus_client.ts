import type { CallContent, Method } from './call.ts';
import { Connection } from './connection.ts';
import type { NessusClient, NessusClientOptions } from './nessus_client.ts';
import { checkAnswer, parseJson, refuseErrorBody } from './read_answer.ts';
import { withoutSecrets } from './without_secrets.ts';

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
  const { auth } = options;
  /** What a scanner says of a request can repeat what was in it: the login, a session, credentials of a scan. */
  const censored = <T>(body: unknown, action: () => Promise<T>): Promise<T> => {
    const { token } = connection;
    return action().catch((error: unknown) => {
      throw withoutSecrets(error, { auth, body, token, renewed: { token: connection.token } });
    });
  };
  const send = (method: Method, path: string, content: CallContent, endpoint: string): Promise<string> =>
    connection.send(method, path, content, (response) => connection.text(response, endpoint));
  return {
    origin: connection.origin,
    call: (schema, method, path, content = {}) =>
      censored(content.body, async () => {
        const endpoint = `${method} ${path}`;
        const text = await send(method, path, content, endpoint);
        return checkAnswer(schema, refuseErrorBody(parseJson(text, endpoint), endpoint), endpoint);
      }),
    run: (method, path, content = {}) =>
      censored(content.body, async () => {
        const endpoint = `${method} ${path}`;
        const text = await send(method, path, content, endpoint);
        if (/^\s*\{/.test(text)) refuseErrorBody(parseJson(text, endpoint), endpoint);
      }),
    download: (path, downloadOptions = {}) =>
      censored(undefined, () => connection.download(path, downloadOptions)),
    close: () => connection.logout(),
  };
}
