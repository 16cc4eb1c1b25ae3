import { access } from 'node:fs/promises';
import { FORMATS } from '@nmcp/schema';
import { NmcpError } from '@nmcp/types';
import { type Operation, operation } from '../operation.ts';
import { requireResults } from '../ownership.ts';
import { READING } from './get_scan_results.ts';

/** Formats in which the results of a scan can be exported; `nessus` is the scanner's own. */
export const EXPORT_FORMATS: readonly string[] = ['nessus', 'jsonl', ...Object.keys(FORMATS)];

/**
 * The results of a completed scan in a format. Nothing is opened before the first piece is read.
 *
 * @throws {NmcpError} `not_found` for a scan or a format that there is not, and when the results are no longer stored;
 *   `not_ready`; `policy_denied` in lockdown
 */
export const exportScan: Operation<
  { task_id: string; format: string },
  AsyncIterable<Uint8Array>
> = operation(
  { name: 'export_scan', ...READING, cost: 9 },
  async ({ tasks, results, lockdown }, caller, { task_id, format }, signal) => {
    const task = await requireResults(tasks, task_id, caller);
    if (lockdown)
      throw new NmcpError('policy_denied', 'This server is in lockdown, so results are not exported', {
        title: 'Not allowed',
      });
    if (!EXPORT_FORMATS.includes(format))
      throw new NmcpError(
        'not_found',
        `There is no export format ${JSON.stringify(format.slice(0, 20))}; expected one of ${EXPORT_FORMATS.join(', ')}`,
        { title: 'Not found' },
      );
    const native = await tasks.results(task);
    await access(native).catch((cause: unknown) => {
      throw new NmcpError('not_found', `The results of ${task.task_id} are no longer stored`, {
        title: 'Results not found',
        cause,
      });
    });
    return results.convert(native, format, { share: caller.name, signal });
  },
);
