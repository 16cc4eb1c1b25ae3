import { ListScannersInputSchema, type ListScannersOutput } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';

/** Lists scanners with their load. */
export const listScanners: Tool = defineTool({
  name: 'list_scanners',
  title: 'List scanners',
  description: 'The scanners and how busy each is.',
  input: ListScannersInputSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  async run({ scanner_pool }, { registry }): Promise<ListScannersOutput> {
    const pool = scanner_pool === undefined ? undefined : registry.requirePool(scanner_pool);
    const scanners = await registry.list(pool);
    return { scanners, total: scanners.length, pools: pool === undefined ? registry.pools() : [pool] };
  },
});
