import { listScanners } from '@nmcp/scans';
import { ListScannersInputSchema } from '@nmcp/types';
import { defineTool } from '../define_tool.ts';
import type { Tool } from '../tool.ts';

/** Lists scanners with their load. */
export const listScannersTool: Tool = defineTool({
  operation: listScanners,
  title: 'List scanners',
  description:
    'The scanners, how busy each is, and whether it can be reached (circuit). Not needed to scan: the least busy one is taken. E.g. {"scanner_pool": "nessus"}',
  input: ListScannersInputSchema,
  annotations: { idempotentHint: true, openWorldHint: false },
  run: (input, services, { caller }) => listScanners(services, caller, input),
});
