import type { AuditLog } from '@nmcp/audit';
import type { ScanPolicy } from '@nmcp/policy';
import type { TaskQueue } from '@nmcp/queue';
import type { ScannerRegistry } from '@nmcp/registry';
import type { ResultsReader } from '@nmcp/results';
import type { TaskStore } from '@nmcp/tasks';
import type { Logger, Metrics } from '@nmcp/telemetry';
import type { Clock } from '@nmcp/types';
import type { NamedCredentials, Vault } from '@nmcp/vault';
import type { Offered } from './offered.ts';

/** What the tools work with. */
export interface Services {
  tasks: TaskStore;
  queue: TaskQueue;
  registry: ScannerRegistry;
  results: ResultsReader;
  metrics: Metrics;
  log: Logger;
  clock: Clock;
  policy: ScanPolicy;
  /** Hours that a scan waits for a person's yes. */
  approvalHours: number;
  audit: AuditLog;
  /** What hosts have answered is not shown. */
  lockdown: boolean;
  /** Which tools are offered. @default all */
  offered?: Offered | undefined;
  vault: Vault;
  /** Credentials that an operator has named. */
  credentials: NamedCredentials;
  /** Folder from which import_scan takes files; absent: it takes none. */
  importDir?: string | undefined;
}
