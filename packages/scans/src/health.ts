import { type Caller, mayUsePool } from '@nmcp/access';
import { requireAgreeingClock } from '@nmcp/queue';
import { withoutLogin } from '@nmcp/registry';
import {
  checkHealth,
  folderIsWritable,
  type HealthReport,
  readGauges,
  type ScannerHealth,
  scannersHealth,
} from '@nmcp/telemetry';
import type { CheckResult } from './checking/check_result.ts';
import { readZones } from './inventory/read_zones.ts';
import { type Operation, operation } from './operation.ts';
import type { Services } from './services.ts';

/** Whether the stores are usable. It needs no token, so it reveals nothing about what is scanned. */
export function checkStores({
  queue,
  tasks,
  clock,
  database,
}: Pick<Services, 'queue' | 'tasks' | 'clock' | 'database'>): Promise<HealthReport> {
  return checkHealth({
    redis: () => queue.ping(), // v3.0's name for the queue's store, Redis or not
    clock: () => requireAgreeingClock(queue, clock),
    filesystem: folderIsWritable(tasks.dataDir),
    ...(database ? { database: async () => void (await database.now()) } : {}),
  });
}

/** What /health says of the stores, in v3.0's words too. */
export interface StoresHealth extends HealthReport {
  /** Of the queue's store, whichever it is: the name is v3.0's. */
  redis_healthy: boolean;
  filesystem_healthy: boolean;
  /** Without user and password; null for the embedded queue. */
  redis_url: string | null;
  /** What the self-check found, at most a minute ago; the details are in the log where others than this machine can ask. */
  self_check: readonly (Pick<CheckResult, 'check' | 'state'> & Partial<CheckResult>)[];
  /** What that store is. */
  queue_store: 'Redis' | 'embedded';
  /** Where tasks are. */
  tasks_store: 'PostgreSQL' | 'files';
  data_dir: string;
}

/** Whether the stores are usable, and where they are. */
export async function describeHealth(
  services: Pick<
    Services,
    'queue' | 'tasks' | 'clock' | 'database' | 'redisUrl' | 'selfCheck' | 'tokens' | 'oauth'
  >,
): Promise<StoresHealth> {
  const { selfCheck, tokens, oauth } = services;
  void selfCheck.results(); // for the next time: a scanner that is silent holds up no probe
  const report = await checkStores(services);
  const { redis = false, filesystem = false } = report.checks;
  return {
    ...report,
    redis_healthy: redis,
    filesystem_healthy: filesystem,
    redis_url: services.redisUrl === undefined ? null : withoutLogin(services.redisUrl),
    queue_store: services.redisUrl === undefined ? 'embedded' : 'Redis',
    tasks_store: services.database ? 'PostgreSQL' : 'files',
    data_dir: services.tasks.dataDir,
    self_check: (selfCheck.last ?? []).map((result) =>
      tokens || oauth ? { check: result.check, state: result.state } : result,
    ),
  };
}

/** The state of the scanners. */
export function checkScanners({ registry }: Pick<Services, 'registry'>): Promise<ScannerHealth[]> {
  return scannersHealth(registry);
}

/** What is measured. */
export interface MetricsInput {
  /** The inventory's numbers too, which are the same at every process, and take memory where they are read. @default false */
  withInventory?: boolean | undefined;
}

/** The metrics as Prometheus reads them, with the gauges as they are now; of pools and scanners, those that the caller may use. */
export const readMetrics: Operation<MetricsInput, string> = operation(
  { name: 'metrics', scope: 'read' },
  async (services, caller, { withInventory = false }) => {
    const text = await services.metrics.expose(async () => {
      const [gauges, zones] = await Promise.all([
        readGauges(services),
        withInventory ? readZones(services.inventory) : undefined,
      ]);
      return { ...gauges, zones };
    });
    return caller.pools === undefined ? text : withoutForeignPools(text, caller);
  },
);

/**
 * Labels that name a pool begin with it: `pool`, `scanner_instance="pool:scanner"`, `queue="pool:queue"`, and a `zone` where
 * inventory.yaml does not give it a name of its own.
 */
const POOL_LABEL = /[{,](?:pool|scanner_instance|queue|zone)="([^":]*)/;

function withoutForeignPools(text: string, caller: Caller): string {
  const isShown = (line: string): boolean => {
    const pool = line.startsWith('#') ? undefined : POOL_LABEL.exec(line)?.[1];
    return pool === undefined || mayUsePool(caller, pool);
  };
  return text.split('\n').filter(isShown).join('\n');
}

/**
 * A key for a purpose, such as signing forms, derived from the server's secret key: the same in every process that has that
 * key, and unknown to everyone else.
 */
export function deriveKey({ vault }: Pick<Services, 'vault'>, purpose: string): Promise<string> {
  return vault.fingerprint(purpose);
}
