import { maySee } from '@nmcp/access';
import { parseTime, type ScanState, type Task } from '@nmcp/types';
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
}

/** When a scan ran: what its results say, else when it was started, else when it was asked for. */
export function ranAt({ ran, started_at, created_at }: Task): string {
  return ran?.scan_start ?? started_at ?? created_at;
}

/** The scans that the caller may read, by when they ran, newest first. @throws {NmcpError} `invalid_input` for targets that are none */
export const listScans: Operation<ListScansInput, Task[]> = operation(
  { name: 'list_tasks', scope: 'read', toolsets: ['scan', 'results'] },
  async ({ tasks }, caller, { status, scanner_pool, targets, text, owner }) => {
    const words = text?.toLowerCase();
    const found = await tasks.list({ status, pool: scanner_pool, targets });
    const shown = found.filter(
      (task) =>
        maySee(caller, task) &&
        (owner === undefined || task.owner === owner) &&
        (words === undefined || `${task.payload.name} ${task.task_id}`.toLowerCase().includes(words)),
    );
    // of one moment, the order in which they were made
    return shown.sort((a, b) => parseTime(ranAt(b)) - parseTime(ranAt(a)));
  },
);

/** A scan that the caller may read. @throws {NmcpError} `invalid_input`, `not_found` */
export const getScan: Operation<{ task_id: string }, Task> = operation(
  { name: 'get_scan', scope: 'read' },
  async ({ tasks }, caller, { task_id }) => requireVisibleTask(tasks, task_id, caller),
);
