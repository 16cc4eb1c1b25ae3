import type { LinesQuery, ShownLines } from '@nmcp/results';
import type { GetScanResultsInput, Task } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requireResults } from '../ownership.ts';
import { askOf } from './ask_of.ts';
import { refuseHostOutput } from './lockdown.ts';

/** Rules of every operation that reads findings. */
export const READING = { scope: 'read', toolsets: ['results'], cost: 1 } as const;

/**
 * Findings of a completed scan as lines of JSON-NL: schema, scan_metadata, one line per finding, pagination.
 *
 * @throws {NmcpError} `not_found`, `not_ready`; `invalid_input` for a wrong query; `policy_denied` in lockdown
 */
export const getScanResults: Operation<GetScanResultsInput, ShownLines> = operation(
  { name: 'get_scan_results', ...READING },
  async (services, caller, input, signal) => {
    const { tasks, lockdown } = services;
    const { custom_fields: fields, filters, sort } = input;
    refuseHostOutput({ fields, filters, sort }, { lockdown });
    const task = await requireResults(tasks, input.task_id, caller);
    return await askOf(services, task, caller, signal)('lines', { ...queryOf(input, task), lockdown });
  },
);

function queryOf(input: GetScanResultsInput, { partial }: Task): Omit<LinesQuery, 'lockdown'> {
  return {
    profile: input.schema_profile,
    customFields: input.custom_fields,
    filters: input.filters,
    page: input.page,
    pageSize: input.page_size,
    sort: input.sort,
    cursor: input.cursor,
    maxTokens: input.max_tokens,
    maxText: input.max_text,
    partial,
  };
}
