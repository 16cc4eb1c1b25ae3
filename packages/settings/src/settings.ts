import type { PoolName, Toolset } from '@nmcp/types';
import type { LogLevel } from './log_level.ts';

/** What the environment says about how to run. */
export interface Settings {
  /** REDIS_URL. Absent: the embedded queue in the data directory. */
  redisUrl?: string | undefined;
  /** REDIS_CLUSTER_TAG: given, REDIS_URL is a node of a cluster, and this is the hash tag of all keys. */
  redisClusterTag?: string | undefined;
  /** DATA_DIR: where task directories are. */
  dataDir: string;
  /** POLICY_FILE: path of policy.yaml. Absent: private networks may be scanned, at any time. */
  policyFile?: string | undefined;
  /** TOKENS_FILE: API tokens. @default .tokens.json in DATA_DIR */
  tokensFile: string;
  /** NMCP_SECRET_KEY: keys that seal credentials, in base64, comma-separated, the newest first. Secret. */
  secretKeys?: string | undefined;
  /** SECRET_KEY_FILE: in its place, a file with one key a line. @default .secret_key in DATA_DIR, made where it is missing */
  secretKeyFile: string;
  /** TOOLSETS: groups of tools that are offered. @default all */
  toolsets?: Toolset[] | undefined;
  /** READ_ONLY: only tools that change nothing are offered. */
  readOnly: boolean;
  /** LOCKDOWN: what hosts have answered (plugin_output) is not shown to models. */
  lockdown: boolean;
  /** AUDIT_LOG: who asked for what, and which decision was made. @default .audit.jsonl in DATA_DIR */
  auditLog: string;
  /** OAUTH_ISSUER, OAUTH_AUDIENCE, OAUTH_JWKS_URL: an authorization server whose access tokens are taken. */
  oauth?: { issuer: string; audience: string; jwksUrl?: string | undefined } | undefined;
  /** CREDENTIALS_FILE: credentials that an operator has named. */
  credentialsFile?: string | undefined;
  /** CALLS_PER_MINUTE, CONCURRENT_CALLS, STREAMS: what one caller with a token may take; 0 calls a minute for any number. */
  limits: { callsPerMinute: number; concurrentCalls: number; streams: number };
  /** REQUEST_SECONDS: time in which a request has to arrive as a whole. */
  requestSeconds: number;
  /** STALL_SECONDS: a client that takes nothing of what waits for it for so long is dropped. */
  stallSeconds: number;
  /** APPROVAL_HOURS: how long a scan waits for a person's yes. */
  approvalHours: number;
  /** IMPORT_DIR: folder from which import_scan takes .nessus files. Absent: it takes none. */
  importDir?: string | undefined;
  /** SCANNER_CONFIG: path of scanners.yaml. */
  scannerConfig?: string | undefined;
  /** WORKER_POOLS: pools that a worker serves; absent: all. */
  workerPools?: PoolName[] | undefined;
  /** LOG_LEVEL. */
  logLevel: LogLevel;
  /** ENVIRONMENT: told in the logs. */
  environment: string;
  /** HOST: address that the API listens on. */
  host: string;
  /** PORT. */
  port: number;
  /** WORKER_HOST, WORKER_PORT: where a worker serves its health and its metrics. Without a port it serves none. */
  workerStatus?: { host: string; port: number } | undefined;
  /** WATCH_CONFIG: scanners.yaml and policy.yaml are read again when they change. */
  watchConfig: boolean;
  /** ALLOWED_HOSTS: further names under which the API may be called. */
  allowedHosts: string[];
  /** POLL_SECONDS: longest time between two looks at a running scan. */
  pollSeconds: number;
  /** LEASE_SECONDS: a task goes to another worker when its own has not been heard of for so long. */
  leaseSeconds: number;
  /** CIRCUIT_FAILURES: failures in a row after which a scanner is left alone for a while. */
  circuitFailures: number;
  /** CIRCUIT_SECONDS: for how long. */
  circuitSeconds: number;
  /** SHUTDOWN_SECONDS: how long a worker that was told to stop may take to give back what it holds. */
  shutdownSeconds: number;
  /** SCAN_TIMEOUT_HOURS: a scan that takes longer is stopped. */
  scanTimeoutHours: number;
  housekeeping: HousekeepingSettings;
}

/** Removal of what is no longer needed. */
export interface HousekeepingSettings {
  /** HOUSEKEEPING_ENABLED: workers do the housekeeping. */
  enabled: boolean;
  /** HOUSEKEEPING_INTERVAL_HOURS, in milliseconds: how often, over all workers. */
  intervalMs: number;
  /** What is removed when, in milliseconds. */
  rules: {
    /** COMPLETED_TTL_DAYS: for how long a completed task and its results are kept. */
    completedTtlMs: number;
    /** FAILED_TTL_DAYS: for how long one that failed or timed out is. */
    failedTtlMs: number;
    /** STALE_SCAN_HOURS: when a running task that no worker holds is ended. Absent with STALE_SCAN_CLEANUP_ENABLED=false. */
    staleMs?: number | undefined;
    /** STALE_SCAN_DELETE_FROM_NESSUS: its scan is deleted on the scanner too, not only stopped. */
    deleteStale: boolean;
    /** NESSUS_SCAN_RETENTION_HOURS: when scans of ours that have ended are deleted on their scanners. Absent with NESSUS_SCAN_CLEANUP_ENABLED=false. */
    scanRetentionMs?: number | undefined;
  };
}

/** Where things are when the environment does not say; each app has its own. */
export interface SettingsDefaults {
  dataDir: string;
}
