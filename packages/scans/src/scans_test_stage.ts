import { readFile, writeFile } from 'node:fs/promises';
import { Account, type Caller, PageSessions } from '@nmcp/access';
import { AuditLog } from '@nmcp/audit';
import { openInventory } from '@nmcp/inventory';
import { createScanPolicy, parsePolicy } from '@nmcp/policy';
import { createEmbeddedQueue } from '@nmcp/queue';
import { createScannerRegistry, type ScannerConfig } from '@nmcp/registry';
import { openResults } from '@nmcp/results';
import { createTaskStore } from '@nmcp/tasks';
import { createLogger, createMetrics } from '@nmcp/telemetry';
import { tempFolder } from '@nmcp/test-support';
import {
  isPoolName,
  type PoolName,
  parseInput,
  RunAuthenticatedScanInputSchema,
  RunUntrustedScanInputSchema,
} from '@nmcp/types';
import { createVault, openNamedCredentials } from '@nmcp/vault';
import { type Services, type SubmittedScan, submitAuthenticatedScan, submitScan } from './mod.ts';

/** What is to be different. */
export interface StageOptions {
  /** policy.yaml */
  policy?: string;
  /** credentials.yaml */
  credentials?: string;
  /** Names of the pools. @default nessus */
  pools?: readonly string[];
  /** Milliseconds since 1970. @default the machine's clock */
  clock?: () => number;
  services?: Partial<Services>;
}

/** Services on an embedded queue and a folder of their own; no worker runs. */
export interface Stage extends AsyncDisposable {
  services: Services;
  /** Entries of the audit log. */
  audited(): Promise<Record<string, unknown>[]>;
  submit(caller: Caller, more?: object): Promise<SubmittedScan>;
  submitWithLogin(caller: Caller, more?: object): Promise<SubmittedScan>;
}

/** A caller with a token. */
export function callerOf(name: string, scope: Caller['scopes'][number], pools?: readonly string[]): Caller {
  return { name, scopes: [scope], ...(pools ? { pools } : {}) };
}

/** Sets them up. */
export async function stage(options: StageOptions = {}): Promise<Stage> {
  const { policy = '{}', credentials, pools = ['nessus'], clock = Date.now } = options;
  const folder = await tempFolder();
  const dataDir = folder.path;
  const queue = await createEmbeddedQueue({ path: `${dataDir}/.queue.db`, pollMs: 20, clock });
  const path = `${dataDir}/.credentials.yaml`;
  if (credentials !== undefined) await writeFile(path, credentials, { mode: 0o600 });
  const auditPath = `${dataDir}/.audit.jsonl`;
  const vault = await createVault([crypto.getRandomValues(new Uint8Array(32))]);
  const tasks = createTaskStore({ dataDir });
  const services: Services = {
    tasks,
    queue,
    results: openResults(),
    inventory: openInventory({ url: `${dataDir}/.inventory.db` }),
    account: new Account({ clock }),
    registry: createScannerRegistry({
      pools: new Map(pools.map((name) => [poolNamed(name), [scannerIn(poolNamed(name))]])),
      slots: queue.slots,
      circuits: queue.circuits,
    }),
    audit: new AuditLog(auditPath),
    vault,
    sessions: new PageSessions({ versions: tasks.document('.sessions'), vault }),
    credentials: openNamedCredentials({
      path: credentials === undefined ? undefined : path,
      environment: {},
    }),
    policy: createScanPolicy({
      document: parsePolicy(policy),
      resolve: async () => ['10.9.9.9'],
      clock,
    }),
    approvalHours: 24,
    lockdown: false,
    v3Clients: false,
    readOnly: false,
    consumer: 'test',
    selfCheck: { last: [], results: async () => [] },
    metrics: createMetrics(),
    log: createLogger({ app: 'test', level: 'silent', environment: 'test' }),
    clock,
    reload: async () => {},
    async [Symbol.asyncDispose]() {
      await queue.close();
      await folder[Symbol.asyncDispose]();
    },
    ...options.services,
  };
  const request = { targets: '10.0.0.0/28', name: 'n' };
  return {
    services,
    audited: async () => {
      const text = await readFile(auditPath, 'utf8').catch(() => '');
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
    },
    submit: (caller, more) =>
      submitScan(services, caller, parseInput(RunUntrustedScanInputSchema, { ...request, ...more }, 'test')),
    submitWithLogin: (caller, more) =>
      submitAuthenticatedScan(
        services,
        caller,
        parseInput(
          RunAuthenticatedScanInputSchema,
          {
            ...{ ...request, scan_type: 'authenticated', ssh_username: 'root', ssh_password: 'planted' },
            ...more,
          },
          'test',
        ),
      ),
    [Symbol.asyncDispose]: () => services[Symbol.asyncDispose](),
  };
}

function poolNamed(name: string): PoolName {
  if (isPoolName(name)) return name;
  throw new Error(`${name} is not the name of a pool`);
}

/** It is never called. */
function scannerIn(pool: PoolName): ScannerConfig {
  return {
    pool,
    scanner_type: 'nessus',
    instance_id: 's1',
    name: 's1',
    url: 'http://127.0.0.1:9',
    auth: { accessKey: 'a', secretKey: 's' },
    tls: {},
    enabled: true,
    max_concurrent_scans: 2,
  };
}
