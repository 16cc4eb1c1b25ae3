import { maySee } from '@nmcp/access';
import { poolStatus } from '@nmcp/registry';
import {
  isoTime,
  type ListPoolsOutput,
  type ListScannerScansInput,
  type ListScannerScansOutput,
  type ListScannersInput,
  type ListScannersOutput,
  type PoolInput,
  type PoolStatusOutput,
  type QueuedTaskListing,
  type QueueEntry,
  type QueueStatusOutput,
  redactPayload,
  type TaskId,
} from '@nmcp/types';
import { type Operation, operation } from './operation.ts';
import { readPool, requirePool, scansOfOthers, visiblePools } from './ownership.ts';
import type { Services } from './services.ts';

/** The pools that the caller may use, and the default pool. */
export const listPools: Operation<Record<string, never>, ListPoolsOutput> = operation(
  { name: 'list_pools', scope: 'read', toolsets: ['infrastructure', 'scan'] },
  async ({ registry }, caller) => {
    const pools = visiblePools(registry, caller);
    const preferred = pools.find((pool) => pool === registry.defaultPool);
    return { pools, default_pool: preferred ?? pools[0] ?? registry.defaultPool };
  },
);

/** Scanners of one pool or of all, with their load; of a pool that is not configured none. */
export const listScanners: Operation<ListScannersInput, ListScannersOutput> = operation(
  { name: 'list_scanners', scope: 'read', toolsets: ['infrastructure'] },
  async ({ registry }, caller, { scanner_pool, include_disabled }) => {
    const { pool, note } = scanner_pool === undefined ? {} : readPool(registry, scanner_pool, caller);
    const pools = visiblePools(registry, caller).filter(
      (each) => scanner_pool === undefined || each === pool,
    );
    const all = (await Promise.all(pools.map((each) => registry.list(each)))).flat();
    const scanners = all.filter(({ enabled }) => enabled || include_disabled);
    return { scanners, total: scanners.length, pools, ...(note ? { note } : {}) };
  },
);

/** The load of a pool and of its enabled scanners; of a pool that is not configured zeros. */
export const getPoolStatus: Operation<PoolInput, PoolStatusOutput> = operation(
  { name: 'get_pool_status', scope: 'read', toolsets: ['infrastructure'] },
  async ({ registry }, caller, { scanner_pool }) => {
    const { note } = readPool(registry, scanner_pool, caller);
    if (note) return { ...poolStatus(scanner_pool, []), note };
    const status = await registry.status(requirePool(registry, scanner_pool, caller));
    const scanners = status.scanners.filter(({ enabled }) => enabled);
    return { ...status, scanners, total_scanners: scanners.length };
  },
);

/** The load of every pool that the caller may use. */
export const getPoolStatuses: Operation<Record<string, never>, PoolStatusOutput[]> = operation(
  { name: 'get_pool_statuses', scope: 'read' },
  ({ registry }, caller) => Promise.all(visiblePools(registry, caller).map((pool) => registry.status(pool))),
);

/** Number of waiting tasks that are read. */
const NEXT_TASKS = 3;

/** A pool's queue, without credentials; of the next tasks only the caller's. */
export const getQueueStatus: Operation<PoolInput, QueueStatusOutput> = operation(
  { name: 'get_queue_status', scope: 'read', toolsets: ['infrastructure'] },
  async (services, caller, { scanner_pool }) => {
    const { registry, queue, clock } = services;
    const { pool, note } = readPool(registry, scanner_pool, caller);
    const head = { pool: scanner_pool, ...(note ? { note } : {}) };
    const timestamp = isoTime(clock());
    if (!pool) return { ...head, queue_depth: 0, dlq_size: 0, next_tasks: [], timestamp };
    const [queue_depth, dlq_size, next] = await Promise.all([
      queue.depth(pool),
      queue.deadLetterCount(pool),
      queue.peek(pool, NEXT_TASKS),
    ]);
    const owners = await Promise.all(next.map(({ task_id }) => ownerOf(services, task_id)));
    const own = next.filter((_, i) => maySee(caller, { owner: owners[i], scanner_pool: pool }));
    return { ...head, queue_depth, dlq_size, next_tasks: own.map(listing), timestamp };
  },
);

/** A task whose directory is gone has no owner. */
async function ownerOf({ tasks }: Services, id: TaskId): Promise<string | undefined> {
  const task = await tasks.read(id).catch(() => undefined);
  return task?.owner;
}

function listing(entry: QueueEntry): QueuedTaskListing {
  const { task_id, trace_id, scan_type, scanner_pool, scanner_instance_id = null, payload } = entry;
  return { task_id, trace_id, scan_type, scanner_pool, scanner_instance_id, payload: redactPayload(payload) };
}

/**
 * The scans on a scanner, newest first, including those created in its user interface, but not those of other callers.
 *
 * @throws {NmcpError} `not_found`, `invalid_input` when a scanner must be named, `scanner_unreachable`
 */
export const listScannerScans: Operation<ListScannerScansInput, ListScannerScansOutput> = operation(
  { name: 'list_scanner_scans', scope: 'scan', toolsets: ['infrastructure', 'results'] },
  async (services, caller, { scanner_pool, scanner_instance, limit }, signal) => {
    const { registry } = services;
    const pool = requirePool(registry, scanner_pool, caller);
    return await registry.ask(pool, scanner_instance, async (scanner, config) => {
      const others = await scansOfOthers(services, config, caller);
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
);
