import { whyWaiting } from '../checking/why_waiting.ts';
import { type Operation, operation } from '../operation.ts';
import { requireVisibleTask } from '../ownership.ts';

/** Why a queued scan only waits, in sentences; none where it would run, or waits for approval. @throws {NmcpError} `not_found` */
export const whyScanWaits: Operation<{ task_id: string }, readonly string[]> = operation(
  { name: 'why_scan_waits', scope: 'read' },
  async (services, caller, { task_id }) => {
    const { status, approval, scanner_pool, scanner_instance_id } = await requireVisibleTask(
      services.tasks,
      task_id,
      caller,
    );
    if (status !== 'queued' || approval?.state === 'pending') return [];
    // a store that is away must not hide the scan
    return await whyWaiting(services, scanner_pool, scanner_instance_id ?? undefined).catch(() => []);
  },
);
