import type { OAuthTokens, TokenFile } from '@nmcp/access';
import type { AuditLog } from '@nmcp/audit';
import type { ScanPolicy } from '@nmcp/policy';
import type { TaskQueue } from '@nmcp/queue';
import type { ScannerRegistry } from '@nmcp/registry';
import type { ResultsReader } from '@nmcp/results';
import type { TaskStore } from '@nmcp/tasks';
import type { Logger, Metrics } from '@nmcp/telemetry';
import type { Clock, Toolset } from '@nmcp/types';
import type { NamedCredentials, Vault } from '@nmcp/vault';

/** Everything that a process has open: stores, rules and plumbing; disposing of it closes them. */
export interface Services extends AsyncDisposable {
  tasks: TaskStore;
  queue: TaskQueue;
  results: ResultsReader;
  registry: ScannerRegistry;
  /** Who asked for what, and which decision was made. */
  audit: AuditLog;
  /** Seals the credentials of scans. */
  vault: Vault;
  /** Credentials that an operator has named. */
  credentials: NamedCredentials;
  policy: ScanPolicy;
  /** Hours that a scan waits for approval. */
  approvalHours: number;
  /** What hosts have answered word for word is not shown. */
  lockdown: boolean;
  /** Nothing may be changed. */
  readOnly: boolean;
  /** Groups of operations that are offered. @default all */
  toolsets?: readonly Toolset[] | undefined;
  /** Folder from which files can be imported; absent: none can. */
  importDir?: string | undefined;
  /** API tokens; absent when there is none, and whoever reaches the server is its one user. */
  tokens?: TokenFile | undefined;
  /** Access tokens of an authorization server. */
  oauth?: OAuthTokens | undefined;
  /** A name of this process that no other has. */
  consumer: string;
  metrics: Metrics;
  log: Logger;
  clock: Clock;
  /** Reads scanners.yaml and policy.yaml again; what is wrong with either is logged, and nothing changes. */
  reload(): Promise<void>;
}
