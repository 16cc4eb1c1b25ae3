import { ListScannersInputSchema, type ListScannersOutput } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { ownPool, ownPools } from '../own_task.ts';

/** Lists scanners with their load. */
export const listScanners: Tool = defineTool({
  name: 'list_scanners',
  title: 'List scanners',
  description: 'The scanners and how busy each is.',
  input: ListScannersInputSchema,
  annotations: { readOnlyHint: true, openWorldHint: false },
  scope: 'read',
  async run({ scanner_pool }, { registry }, { caller }): Promise<ListScannersOutput> {
    const pool = scanner_pool === undefined ? undefined : ownPool(registry, scanner_pool, caller);
    const pools = pool === undefined ? ownPools(registry, caller) : [pool];
    const scanners = (await Promise.all(pools.map((each) => registry.list(each)))).flat();
    return { scanners, total: scanners.length, pools };
  },
});
