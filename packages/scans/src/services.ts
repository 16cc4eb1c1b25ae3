import type { Account, OAuthTokens, PageSessions, Tokens } from '@nmcp/access';
import type { AuditLog } from '@nmcp/audit';
import type { Inventory } from '@nmcp/inventory';
import type { ScanPolicy } from '@nmcp/policy';
import type { TaskQueue } from '@nmcp/queue';
import type { ScannerRegistry } from '@nmcp/registry';
import type { Results } from '@nmcp/results';
import type { TaskStore } from '@nmcp/tasks';
import type { Logger, Metrics } from '@nmcp/telemetry';
import type { Clock, Toolset } from '@nmcp/types';
import type { NamedCredentials, Vault } from '@nmcp/vault';
import type { SelfCheck } from './checking/self_check.ts';

/** The database of tasks. */
export interface DatabaseStatus {
  /** Host, port and name, without user and password. */
  where: string;
  /** Its clock, in milliseconds since 1970. @throws {NmcpError} `unavailable` */
  now(): Promise<number>;
}

/** Everything that a process has open: stores, rules and plumbing; disposing of it closes them. */
export interface Services extends AsyncDisposable {
  tasks: TaskStore;
  /** Where tasks, tokens and the audit log are; absent for files. */
  database?: DatabaseStatus | undefined;
  queue: TaskQueue;
  results: Results;
  /** Assets and findings over time. */
  inventory: Inventory;
  /** Where the queue is; absent for the embedded one. Can hold a password. */
  redisUrl?: string | undefined;
  registry: ScannerRegistry;
  /** Who requested what, and what was decided. */
  audit: AuditLog;
  /** What each caller uses, and may use. */
  account: Account;
  /** Seals the credentials of scans. */
  vault: Vault;
  /** Named credentials, defined by the operator. */
  credentials: NamedCredentials;
  policy: ScanPolicy;
  /** Hours that a scan waits for approval before it expires. */
  approvalHours: number;
  /** Verbatim output from hosts is not shown. */
  lockdown: boolean;
  /** Results of v3.0's tools are as its clients know them. */
  v3Clients: boolean;
  /** Nothing may be changed. */
  readOnly: boolean;
  /** Groups of operations that are offered. @default all */
  toolsets?: readonly Toolset[] | undefined;
  /** Folder from which files can be imported; absent: imports are off. */
  importDir?: string | undefined;
  /** API tokens; absent if there are none, so that anyone who reaches the server is the local user. */
  tokens?: Tokens | undefined;
  /** Sessions of people who logged in to the dashboard. */
  sessions: PageSessions;
  /** Access tokens of an authorization server. */
  oauth?: OAuthTokens | undefined;
  /** A unique name of this process. */
  consumer: string;
  /** What this process finds out about itself and what it needs. */
  selfCheck: SelfCheck;
  metrics: Metrics;
  log: Logger;
  clock: Clock;
  /** Reloads scanners.yaml and policy.yaml; a fault in either is logged, and nothing changes. */
  reload(): Promise<void>;
}
