import * as v from 'valibot';
import { SCAN_STATES, type ScanState } from '../scan_state.ts';
import { anyPool, clamped, fullTargets, taskId } from './fields.ts';

/** Arguments of get_scan_status. */
export interface GetScanStatusInput {
  task_id: string;
  /** @default false */
  full_targets?: boolean | undefined;
}

/** Schema of {@linkcode GetScanStatusInput}. */
export const GetScanStatusInputSchema: v.GenericSchema<unknown, GetScanStatusInput> = v.strictObject({
  task_id: taskId,
  full_targets: fullTargets,
});

/** Arguments of wait_for_scan. */
export interface WaitForScanInput {
  task_id: string;
  /** `change`: of state or progress. */
  until: 'change' | 'end';
  /** At most 55: clients give up on calls after a minute. */
  timeout_seconds: number;
}

/** Schema of {@linkcode WaitForScanInput}. */
export const WaitForScanInputSchema: v.GenericSchema<unknown, WaitForScanInput> = v.strictObject({
  task_id: taskId,
  until: v.optional(v.picklist(['change', 'end']), 'change'),
  timeout_seconds: v.optional(v.pipe(clamped(1, 55), v.description('At most 55')), 55),
});

/** Arguments of cancel_scan. */
export interface CancelScanInput {
  task_id: string;
}

/** Schema of {@linkcode CancelScanInput}. */
export const CancelScanInputSchema: v.GenericSchema<unknown, CancelScanInput> = v.strictObject({
  task_id: taskId,
});

/** Arguments of list_tasks. */
export interface ListTasksInput {
  limit: number;
  status_filter?: ScanState | undefined;
  scanner_pool?: string | undefined;
  target_filter?: string | undefined;
  full_targets: boolean;
}

/** Schema of {@linkcode ListTasksInput}. */
export const ListTasksInputSchema: v.GenericSchema<unknown, ListTasksInput> = v.strictObject({
  limit: v.optional(clamped(1, 1000), 10),
  status_filter: v.optional(v.picklist(SCAN_STATES)),
  scanner_pool: anyPool,
  target_filter: v.optional(
    v.pipe(
      v.string(),
      v.description(
        'Tasks whose targets overlap these: an address finds its network and the other way round',
      ),
    ),
  ),
  full_targets: fullTargets,
});
