import type { McpServer } from '@modelcontextprotocol/server';
import { type Caller, hasScope } from '@nmcp/access';
import type { TaskFeed } from '@nmcp/tasks';
import { isFinal, NmcpError, type TaskId } from '@nmcp/types';
import { ownTask } from './own_task.ts';
import { currentRequest } from './request_context.ts';
import { scanUri, taskOfUri } from './resources.ts';
import type { Services } from './services.ts';

/** URIs that are told of when a task changes: its state, and its summary when there is one. */
export function urisOf(task: { task_id: string; status: Parameters<typeof isFinal>[0] }): string[] {
  const uri = scanUri(task.task_id);
  return isFinal(task.status) ? [uri, `${uri}/summary`] : [uri];
}

/**
 * The task of a URI that somebody wants to hear of.
 *
 * @throws {NmcpError} `not_found` for what cannot be subscribed to, also for somebody else's
 */
export async function subscribable(uri: string, services: Services, caller: Caller): Promise<TaskId> {
  const id = taskOfUri(uri);
  if (id !== undefined && hasScope(caller, 'read'))
    return (await ownTask(services.tasks, id, caller)).task_id;
  throw new NmcpError(
    'not_found',
    `${uri.slice(0, 200)} cannot be subscribed to; nessus://scans/{task_id} can, for a task of yours`,
    { title: 'Resource not found' },
  );
}

/** Answers resources/subscribe of protocol 2025-11-25 and before, as long as the session lives. */
export function serveSubscriptions(server: McpServer, services: Services, feed: TaskFeed): void {
  const ends = new Map<string, () => void>();
  const end = (uri: string): void => {
    ends.get(uri)?.();
    ends.delete(uri);
  };
  server.server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
    const id = await subscribable(uri, services, currentRequest().caller);
    end(uri);
    ends.set(
      uri,
      feed.listen(id, (task) => {
        // a client that has gone hears nothing; its session ends by itself
        if (urisOf(task).includes(uri)) void server.server.sendResourceUpdated({ uri }).catch(() => {});
      }),
    );
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
