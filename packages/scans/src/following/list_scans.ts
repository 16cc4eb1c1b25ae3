import { visibilityOf } from '@nmcp/access';
import type { ScanState, Task } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requireVisibleTask } from '../ownership.ts';

/** Which scans to list. */
export interface ListScansInput {
  status?: ScanState | undefined;
  scanner_pool?: string | undefined;
  /** A target list; scans that share an address or a name with it. */
  targets?: string | undefined;
  /** Part of the name or the id, case-insensitive. */
  text?: string | undefined;
  /** Name of the caller that they belong to. */
  owner?: string | undefined;
  /** At most so many. @default all */
  limit?: number | undefined;
  /** So many are passed over. @default 0 */
  offset?: number | undefined;
}

/** A part of a list. */
export interface ListedScans {
  tasks: Task[];
  /** How many there are in the whole list. */
  total: number;
}

/**
 * The scans that the caller may read, by when they ran, newest first.
 *
 * @throws {NmcpError} `invalid_input` for targets that are none
 */
export const listScans: Operation<ListScansInput, ListedScans> = operation(
  { name: 'list_tasks', scope: 'read', toolsets: ['scan', 'results'] },
  async ({ tasks }, caller, { status, scanner_pool, targets, text, owner, limit, offset }) => {
    const filter = { status, pool: scanner_pool, targets, text, owner, visibleTo: visibilityOf(caller) };
    const [found, total] = await Promise.all([
      tasks.list({ ...filter, order: 'ran', limit, offset }),
      tasks.count(filter),
    ]);
    return { tasks: found, total };
  },
);

/** A scan that the caller may read. @throws {NmcpError} `invalid_input`, `not_found` */
export const getScan: Operation<{ task_id: string }, Task> = operation(
  { name: 'get_scan', scope: 'read' },
  async ({ tasks }, caller, { task_id }) => requireVisibleTask(tasks, task_id, caller),
);
