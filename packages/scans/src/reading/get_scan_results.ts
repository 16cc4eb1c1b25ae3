import type { GetScanResultsInput, Task } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requireResults } from '../ownership.ts';
import type { Services } from '../services.ts';
import { refuseHostOutput, shownLine } from './lockdown.ts';

/** Rules of every operation that reads findings. */
export const READING = { scope: 'read', toolsets: ['results'] } as const;

/**
 * Findings of a completed scan as lines of JSON-NL: schema, scan_metadata, one line per finding, pagination.
 *
 * @throws {NmcpError} `not_found`, `not_ready`; `invalid_input` for a wrong query; `policy_denied` in lockdown
 */
export const getScanResults: Operation<GetScanResultsInput, AsyncIterable<string>> = operation(
  { name: 'get_scan_results', ...READING },
  async (services, caller, input, signal) => {
    const { tasks, lockdown } = services;
    refuseHostOutput([input.custom_fields, input.filters, input.sort], { lockdown });
    const task = await requireResults(tasks, input.task_id, caller);
    return shownLines(services, task, input, signal);
  },
);

async function* shownLines(
  { tasks, results, lockdown }: Services,
  { task_id, partial }: Task,
  input: GetScanResultsInput,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const query = {
    profile: input.schema_profile,
    customFields: input.custom_fields,
    filters: input.filters,
    page: input.page,
    pageSize: input.page_size,
    sort: input.sort,
    cursor: input.cursor,
    maxTokens: input.max_tokens,
    partial,
  };
  for await (const line of results.query(tasks.paths(task_id).native, query)) {
    signal.throwIfAborted();
    yield shownLine(line, { lockdown });
  }
}
