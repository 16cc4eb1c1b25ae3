import { importScan } from '@nmcp/scans';
import { ImportScanInputSchema, type ImportScanOutput } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import type { Tool } from '../tool.ts';

/** Makes a task from a scan that was started elsewhere. */
export const importScanTool: Tool = defineTool({
  operation: importScan,
  title: 'Import a scan',
  description:
    'Make a task of a scan that was not started here, so that its findings can be read: a scan on the scanner by nessus_scan_id, running or finished (list_scanner_scans has them), or a .nessus file by its name. A running scan is followed and never stopped. Works with every Nessus licence, also those that cannot start scans by API. E.g. {"nessus_scan_id": 42}',
  input: ImportScanInputSchema,
  annotations: { destructiveHint: false, idempotentHint: false, openWorldHint: true },
  async run(input, services, { caller, signal }): Promise<ImportScanOutput> {
    const { task, word } = await importScan(services, caller, input, signal);
    return {
      task_id: task.task_id,
      status: task.status,
      name: task.payload.name,
      message:
        word === undefined
          ? 'Imported. Read it with get_scan_summary and get_scan_results.'
          : `The scan is ${word} on the scanner. Wait for it with wait_for_scan; when it is completed, read it with get_scan_summary.`,
    };
  },
});
