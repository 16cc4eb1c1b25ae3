import { ListScannersInputSchema, type ListScannersOutput } from '@nmcp/types';
import { defineTool, type Tool } from '../define_tool.ts';
import { ownPool, ownPools } from '../own_task.ts';

/** Lists scanners with their load. */
export const listScanners: Tool = defineTool({
  name: 'list_scanners',
  title: 'List scanners',
  description:
    'The scanners, how busy each is, and whether it can be reached (circuit). Not needed to scan: the least busy one is taken. E.g. {"scanner_pool": "nessus"}',
  input: ListScannersInputSchema,
  output: { scanners: 'array', total: 'number', pools: 'array' },
  annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  scope: 'read',
  toolsets: ['infrastructure'],
  async run({ scanner_pool }, { registry }, { caller }): Promise<ListScannersOutput> {
    const pool = scanner_pool === undefined ? undefined : ownPool(registry, scanner_pool, caller);
    const pools = pool === undefined ? ownPools(registry, caller) : [pool];
    const scanners = (await Promise.all(pools.map((each) => registry.list(each)))).flat();
    return { scanners, total: scanners.length, pools };
  },
});
