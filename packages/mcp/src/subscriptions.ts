import type { McpServer } from '@modelcontextprotocol/server';
import type { Caller } from '@nmcp/access';
import { mayCall, type Services, watchScan } from '@nmcp/scans';
import { isFinal, NmcpError } from '@nmcp/types';
import { currentRequest } from './request_context.ts';
import { scanUri, taskOfUri } from './scan_uri.ts';

/** URIs that are reported when a task changes: its status, and its summary once there is one. */
function urisOf(task: { task_id: string; status: Parameters<typeof isFinal>[0] }): string[] {
  const uri = scanUri(task.task_id);
  return isFinal(task.status) ? [uri, `${uri}/summary`] : [uri];
}

/**
 * Reports changes of the resource that a URI names.
 *
 * @returns a function that stops it
 * @throws {NmcpError} `not_found` for what cannot be subscribed to, also for another caller's scan
 */
export async function watchUri(
  uri: string,
  services: Services,
  caller: Caller,
  tell: () => void,
): Promise<() => void> {
  const task_id = taskOfUri(uri);
  if (task_id !== undefined && mayCall(services, caller, watchScan))
    return await watchScan(services, caller, {
      task_id,
      onChange: (status) => {
        if (urisOf(status).includes(uri)) tell();
      },
    });
  throw new NmcpError(
    'not_found',
    `${uri.slice(0, 200)} cannot be subscribed to; nessus://scans/{task_id} can, for a task of yours`,
    { title: 'Resource not found' },
  );
}

/** Answers resources/subscribe of protocol 2025-11-25 and earlier, for the lifetime of the session. */
export function serveSubscriptions(server: McpServer, services: Services): void {
  const ends = new Map<string, () => void>();
  const end = (uri: string): void => {
    ends.get(uri)?.();
    ends.delete(uri);
  };
  server.server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    // a client that has gone gets nothing; its session times out
    const tell = (): void => void server.server.sendResourceUpdated({ uri }).catch(() => {});
    const stop = await watchUri(uri, services, currentRequest().caller, tell);
    end(uri);
    ends.set(uri, stop);
    return {};
  });
  server.server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    end(uri);
    return {};
  });
  const { onclose } = server.server;
  server.server.onclose = () => {
    onclose?.();
    for (const uri of [...ends.keys()]) end(uri);
  };
}
