import type { TaskStore } from '@nmcp/tasks';
import { NmcpError } from '@nmcp/types';

/** Name of the document that says that a copy into a store is under way. */
const MARK = '.copy';

/** What a mark says. */
type Mark = { from: string } | 'finished';

/** Marks a store as being copied into, or as whole again. */
export async function markCopy(tasks: Pick<TaskStore, 'document'>, mark: Mark): Promise<void> {
  const versions = tasks.document(MARK);
  const text = JSON.stringify(mark);
  while (true) {
    const last = await versions.readLast();
    if (last?.text === text || (!last && mark === 'finished')) return;
    if (await versions.commit((last?.number ?? 0) + 1, text)) return;
  }
}

/** What is under way from where; `undefined` for a store that is whole. */
export async function copyUnderWay(tasks: Pick<TaskStore, 'document'>): Promise<string | undefined> {
  const last = await tasks.document(MARK).readLast();
  const mark: Mark = last ? JSON.parse(last.text) : 'finished'; // written above
  return mark === 'finished' ? undefined : mark.from;
}

/** @throws {NmcpError} `invalid_config` for a store into which a copy was not finished */
export async function requireWhole(tasks: Pick<TaskStore, 'document'>): Promise<void> {
  const from = await copyUnderWay(tasks);
  if (from !== undefined)
    throw new NmcpError(
      'invalid_config',
      `A copy from ${from} into this store was not finished, so it holds a part only: run nmcp-admin copy again, which goes on where it was`,
    );
}
