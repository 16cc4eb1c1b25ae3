import type { McpServer } from '@modelcontextprotocol/server';
import type { Caller } from '@nmcp/access';
import { getScan, mayCall, revisionOf, type Services, watchScan } from '@nmcp/scans';
import { isFinal, NmcpError } from '@nmcp/types';
import { currentRequest, type Subscriptions } from './request_context.ts';
import { scanUri, taskOfUri } from './scan_uri.ts';

/** URIs that are reported when a task changes: its status, and its summary once there is one. */
function urisOf(task: { task_id: string; status: Parameters<typeof isFinal>[0] }): string[] {
  const uri = scanUri(task.task_id);
  return isFinal(task.status) ? [uri, `${uri}/summary`] : [uri];
}

/** A resource that is watched. */
export interface WatchedUri {
  stop: () => void;
  /** A number that grows with every change of which it tells; 0 as long as there is nothing to tell. */
  revision: () => Promise<number>;
}

/**
 * Reports changes of the resource that a URI names.
 *
 * @param tell gets the number of the change
 * @throws {NmcpError} `not_found` for what cannot be subscribed to, also for another caller's scan
 */
export async function watchUri(
  uri: string,
  services: Services,
  caller: Caller,
  tell: (revision: number) => void,
): Promise<WatchedUri> {
  const task_id = taskOfUri(uri);
  if (task_id !== undefined && mayCall(services, caller, watchScan)) {
    const stop = await watchScan(services, caller, {
      task_id,
      onChange: (status, revision) => {
        if (urisOf(status).includes(uri)) tell(revision);
      },
    });
    return {
      stop,
      async revision() {
        const task = await getScan(services, caller, { task_id });
        return urisOf(task).includes(uri) ? revisionOf(task) : 0;
      },
    };
  }
  throw new NmcpError(
    'not_found',
    `${uri.slice(0, 200)} cannot be subscribed to; nessus://scans/{task_id} can, for a task of yours`,
    { title: 'Resource not found' },
  );
}

/** Answers resources/subscribe of protocol 2025-11-25 and earlier, for the lifetime of the session. */
export function serveSubscriptions(server: McpServer, services: Services): void {
  const subscriptions = currentRequest().subscriptions ?? ofProcess(server, services);
  server.server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    await subscriptions.subscribe(uri);
    return {};
  });
  server.server.setRequestHandler('resources/unsubscribe', async ({ params: { uri } }) => {
    await subscriptions.unsubscribe(uri);
    return {};
  });
  const { onclose } = server.server;
  server.server.onclose = () => {
    onclose?.();
    subscriptions.close();
  };
}

/** Those of the one client of a process. */
function ofProcess(server: McpServer, services: Services): Subscriptions {
  const watched = new Map<string, WatchedUri>();
  const end = (uri: string): void => {
    watched.get(uri)?.stop();
    watched.delete(uri);
  };
  return {
    async subscribe(uri) {
      // a client that has gone gets nothing
      const tell = (): void => void server.server.sendResourceUpdated({ uri }).catch(() => {});
      const watch = await watchUri(uri, services, currentRequest().caller, tell);
      end(uri);
      watched.set(uri, watch);
    },
    unsubscribe: async (uri) => end(uri),
    close() {
      for (const uri of [...watched.keys()]) end(uri);
    },
  };
}
