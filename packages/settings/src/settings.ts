import type { PoolName, Toolset } from '@nmcp/types';
import type { LogLevel } from './log_level.ts';

/** The settings of an app. */
export interface Settings {
  /** REDIS_URL. Absent: the embedded queue in the data directory. */
  redisUrl?: string | undefined;
  /** REDIS_CLUSTER_TAG: hash tag of all keys; if set, REDIS_URL is a node of a cluster. */
  redisClusterTag?: string | undefined;
  /** REDIS_SENTINELS: Sentinels, which say where the primary is; if set, the host of REDIS_URL is what they call it. May hold passwords. */
  redisSentinels?: readonly string[] | undefined;
  /**
   * TASKS_URL: PostgreSQL for tasks, tokens, limits and the audit log; the results of scans stay in the data directory. Can hold a
   * password. Absent: files in the data directory.
   */
  tasksUrl?: string | undefined;
  /** DATA_DIR: where task directories are. */
  dataDir: string;
  /** RESULTS_URL: `s3://BUCKET/PREFIX`, where what scanners export is kept. Absent: in the data directory. */
  results?: { url: string; encryption?: string | undefined; cacheBytes: number } | undefined;
  /** POLICY_FILE: path of policy.yaml. Absent: private networks may be scanned, at any time. */
  policyFile?: string | undefined;
  /** TOKENS_FILE: API tokens. @default .tokens.json in DATA_DIR */
  tokensFile: string;
  /** NMCP_SECRET_KEY: keys that seal credentials, in base64, comma-separated, the newest first. Secret. */
  secretKeys?: string | undefined;
  /** SECRET_KEY_FILE: the alternative, a file with one key per line. @default .secret_key in DATA_DIR, created if missing */
  secretKeyFile: string;
  /** TOOLSETS: groups of tools that are offered. @default all */
  toolsets?: Toolset[] | undefined;
  /** READ_ONLY: only tools that change nothing are offered. */
  readOnly: boolean;
  /** LOCKDOWN: output from hosts (plugin_output) is not shown to models. */
  lockdown: boolean;
  /** V3_CLIENTS: errors and pages of findings are sent as v3.0 sent them, for its clients. */
  v3Clients: boolean;
  /** AUDIT_LOG: who requested what, and what was decided. @default .audit.jsonl in DATA_DIR */
  auditLog: string;
  /** INVENTORY_URL: the inventory's PostgreSQL, or the path of its file. Can hold a password. @default .inventory.db in DATA_DIR */
  inventoryUrl: string;
  /** INVENTORY_CONFIG: path of inventory.yaml, with the tags and owners of assets. */
  inventoryConfig?: string | undefined;
  /** OAUTH_ISSUER, OAUTH_AUDIENCE, OAUTH_JWKS_URL: an authorization server whose access tokens are accepted. */
  oauth?: { issuer: string; audience: string; jwksUrl?: string | undefined } | undefined;
  /** CREDENTIALS_FILE: named credentials. */
  credentialsFile?: string | undefined;
  /** CALLS_PER_MINUTE, CONCURRENT_CALLS, STREAMS: limits per caller with a token; 0 calls per minute means unlimited. */
  limits: { callsPerMinute: number; concurrentCalls: number; streams: number };
  /** REQUEST_SECONDS: time in which a request has to arrive as a whole. */
  requestSeconds: number;
  /** STALL_SECONDS: a client that has data waiting and reads none of it for this long is dropped. */
  stallSeconds: number;
  /** APPROVAL_HOURS: how long a scan waits for approval before it expires. */
  approvalHours: number;
  /** IMPORT_DIR: folder from which import_scan reads .nessus files. Absent: it reads none. */
  importDir?: string | undefined;
  /** SCANNER_CONFIG: path of scanners.yaml. */
  scannerConfig?: string | undefined;
  /** WORKER_POOLS: pools that a worker serves; absent: all. */
  workerPools?: PoolName[] | undefined;
  /** LOG_LEVEL. */
  logLevel: LogLevel;
  /** ENVIRONMENT: named in the logs. */
  environment: string;
  /** HOST: address that the API listens on. */
  host: string;
  /** PORT. */
  port: number;
  /** WORKER_HOST, WORKER_PORT: where a worker serves its health and its metrics. Without a port it serves none. */
  workerStatus?: { host: string; port: number } | undefined;
  /** WATCH_CONFIG: scanners.yaml and policy.yaml are reloaded when they change. */
  watchConfig: boolean;
  /** ALLOWED_HOSTS: more host names by which the API may be reached. */
  allowedHosts: string[];
  /** TRUSTED_PROXIES: addresses and networks of proxies whose X-Forwarded headers are believed. */
  trustedProxies: string[];
  /** SCANNER_CALL_SECONDS: time that a scanner has to answer a call. */
  scannerCallSeconds: number;
  /** POLL_SECONDS: longest interval between polls of a running scan. */
  pollSeconds: number;
  /** LEASE_SECONDS: a task goes to another worker once its own has been silent for this long. */
  leaseSeconds: number;
  /** CIRCUIT_FAILURES: consecutive failures that open a scanner's circuit breaker. */
  circuitFailures: number;
  /** CIRCUIT_SECONDS: how long it stays open. */
  circuitSeconds: number;
  /** SHUTDOWN_SECONDS: how long a worker may take on shutdown to release what it holds. */
  shutdownSeconds: number;
  /** SCAN_GONE_MINUTES: how long a scanner has to say that a running scan is gone, or may not be seen, until it is believed. */
  scanGoneMinutes: number;
  /** SCAN_TIMEOUT_HOURS: a scan that takes longer is stopped. */
  scanTimeoutHours: number;
  /** EXPORT_MAX_GB: size that the report of a scan may have. */
  exportMaxGigabytes: number;
  housekeeping: HousekeepingSettings;
}

/** Housekeeping: removal of what has expired. */
export interface HousekeepingSettings {
  /** HOUSEKEEPING_ENABLED: workers do the housekeeping. */
  enabled: boolean;
  /** HOUSEKEEPING_INTERVAL_HOURS, in milliseconds: how often, over all workers. */
  intervalMs: number;
  /** Retention, in milliseconds. */
  rules: {
    /** COMPLETED_TTL_DAYS: how long a completed task and its results are kept. */
    completedTtlMs: number;
    /** FAILED_TTL_DAYS: how long a failed or timed-out task is kept. */
    failedTtlMs: number;
    /** STALE_SCAN_HOURS: when a running task that no worker holds times out. Absent with STALE_SCAN_CLEANUP_ENABLED=false. */
    staleMs?: number | undefined;
    /** STALE_SCAN_DELETE_FROM_NESSUS: its scan is deleted from the scanner, not only stopped. */
    deleteStale: boolean;
    /** NESSUS_SCAN_RETENTION_HOURS: when finished scans that this server created are deleted from the scanners. Absent with NESSUS_SCAN_CLEANUP_ENABLED=false. */
    scanRetentionMs?: number | undefined;
  };
}

/** Defaults that differ between apps. */
export interface SettingsDefaults {
  dataDir: string;
}
