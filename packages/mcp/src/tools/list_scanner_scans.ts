import { listScannerScans } from '@nmcp/scans';
import { ListScannerScansInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import type { Tool } from '../tool.ts';

/** Lists the scans on a scanner, including those created in its user interface. */
export const listScannerScansTool: Tool = defineTool({
  operation: listScannerScans,
  title: 'List scans on a scanner',
  description:
    'The scans that a scanner has, newest first, also those that people started there. Take one over with import_scan. For scans that were asked for here use list_tasks. Works with every Nessus licence. E.g. {"limit": 20}',
  input: ListScannerScansInputSchema,
  annotations: { idempotentHint: true, openWorldHint: true },
  run: (input, services, { caller, signal }) => listScannerScans(services, caller, input, signal),
});
