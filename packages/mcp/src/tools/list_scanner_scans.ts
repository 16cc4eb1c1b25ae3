import { isoTime, ListScannerScansInputSchema, type ListScannerScansOutput } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { ownPool, scansOfOthers } from '../own_task.ts';

/** Lists the scans on a scanner, also those that people made in its user interface. */
export const listScannerScans: Tool = defineTool({
  name: 'list_scanner_scans',
  title: 'List scans on a scanner',
  description:
    'The scans that a scanner has, newest first, also those that people started there. Take one over with import_scan. For scans that were asked for here use list_tasks. Works with every Nessus licence. E.g. {"limit": 20}',
  input: ListScannerScansInputSchema,
  output: { scanner_instance: 'string', scans: 'array', total: 'number' },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: true },
  scope: 'scan',
  toolsets: ['infrastructure', 'results'],
  async run(
    { scanner_pool, scanner_instance, limit },
    { registry, tasks },
    { signal, caller },
  ): Promise<ListScannerScansOutput> {
    const pool = ownPool(registry, scanner_pool, caller);
    return await registry.ask(pool, scanner_instance, async (scanner, config) => {
      const others = await scansOfOthers(tasks, config, caller);
      const scans = (await scanner.listScans({ signal })).filter(({ scanId }) => !others.has(scanId));
      return {
        scanner_instance: config.instance_id,
        scans: scans.slice(0, limit).map(({ scanId, name, word, modifiedAt }) => ({
          nessus_scan_id: scanId,
          name,
          status: word,
          last_modified: modifiedAt === undefined ? null : isoTime(modifiedAt),
        })),
        total: scans.length,
      };
    });
  },
});
