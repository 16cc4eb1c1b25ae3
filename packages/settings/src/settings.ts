import { explainIssues, isPoolName, NmcpError, type PoolName, TOOLSETS, type Toolset } from '@nmcp/types';
import * as v from 'valibot';

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
  /** HOUSEKEEPING_ENABLED: workers keep house. */
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

/** Levels of the log, least to most. */
export const LOG_LEVELS: readonly ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] = [
  'fatal',
  'error',
  'warn',
  'info',
  'debug',
  'trace',
  'silent',
];

/** One of {@linkcode LOG_LEVELS}. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The port of v3.0. */
export const DEFAULT_PORT = 8836;

const HOUR_MS = 3_600_000;

const lowerCase = v.transform((text: string) => text.toLowerCase());
const list = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').map((part) => part.trim())),
  v.transform((parts) => parts.filter((part) => part !== '')),
);
const positive = v.pipe(
  v.string(),
  v.transform(Number),
  v.check((n) => n > 0, 'expected a number above 0'),
);

const yesOrNo = v.pipe(
  v.string(),
  lowerCase,
  v.picklist(['true', 'false', '1', '0'], 'expected true or false'),
  v.transform((text) => text === 'true' || text === '1'),
);

const port = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, 'expected a port number from 0 to 65535'),
  v.transform(Number),
  v.maxValue(65_535, 'expected a port number from 0 to 65535'),
);

const EnvironmentSchema = v.object({
  REDIS_URL: v.optional(v.string()),
  REDIS_CLUSTER_TAG: v.optional(
    v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, 'expected letters, digits, dots, dashes and underlines')),
  ),
  DATA_DIR: v.optional(v.string()),
  POLICY_FILE: v.optional(v.string()),
  TOKENS_FILE: v.optional(v.string()),
  NMCP_SECRET_KEY: v.optional(v.string()),
  SECRET_KEY_FILE: v.optional(v.string()),
  TOOLSETS: v.optional(
    v.pipe(list, v.array(v.picklist(TOOLSETS, `expected some of ${TOOLSETS.join(', ')}`))),
  ),
  READ_ONLY: v.optional(yesOrNo, 'false'),
  LOCKDOWN: v.optional(yesOrNo, 'false'),
  AUDIT_LOG: v.optional(v.string()),
  OAUTH_ISSUER: v.optional(v.string()),
  OAUTH_AUDIENCE: v.optional(v.string()),
  OAUTH_JWKS_URL: v.optional(v.string()),
  CREDENTIALS_FILE: v.optional(v.string()),
  CALLS_PER_MINUTE: v.optional(
    v.pipe(
      v.string(),
      v.transform(Number),
      v.check((n) => n >= 0, 'expected a number from 0'),
    ),
    '1200',
  ),
  CONCURRENT_CALLS: v.optional(positive, '32'),
  STREAMS: v.optional(positive, '32'),
  REQUEST_SECONDS: v.optional(positive, '30'),
  STALL_SECONDS: v.optional(positive, '30'),
  APPROVAL_HOURS: v.optional(positive, '24'),
  IMPORT_DIR: v.optional(v.string()),
  SCANNER_CONFIG: v.optional(v.string()),
  WORKER_POOLS: v.optional(
    v.pipe(list, v.array(v.custom<PoolName>(isPoolName, 'expected names of pools, comma-separated'))),
  ),
  // v3.0 wrote Python's names: INFO, WARNING, CRITICAL
  LOG_LEVEL: v.optional(
    v.pipe(
      v.string(),
      lowerCase,
      v.transform((level) => ({ warning: 'warn', critical: 'fatal' })[level] ?? level),
      v.picklist(LOG_LEVELS, `expected one of ${LOG_LEVELS.join(', ')}`),
    ),
    'info',
  ),
  ENVIRONMENT: v.optional(v.string(), 'production'),
  HOST: v.optional(v.string(), '127.0.0.1'),
  PORT: v.optional(port, String(DEFAULT_PORT)),
  WORKER_HOST: v.optional(v.string(), '127.0.0.1'),
  WORKER_PORT: v.optional(port),
  WATCH_CONFIG: v.optional(yesOrNo, 'true'),
  ALLOWED_HOSTS: v.optional(list, ''),
  POLL_SECONDS: v.optional(positive, '30'),
  LEASE_SECONDS: v.optional(positive, '60'),
  CIRCUIT_FAILURES: v.optional(positive, '5'),
  CIRCUIT_SECONDS: v.optional(positive, '30'),
  SHUTDOWN_SECONDS: v.optional(positive, '8'),
  SCAN_TIMEOUT_HOURS: v.optional(positive, '24'),
  HOUSEKEEPING_ENABLED: v.optional(yesOrNo, 'true'),
  HOUSEKEEPING_INTERVAL_HOURS: v.optional(positive, '1'),
  COMPLETED_TTL_DAYS: v.optional(positive, '7'),
  FAILED_TTL_DAYS: v.optional(positive, '30'),
  STALE_SCAN_CLEANUP_ENABLED: v.optional(yesOrNo, 'true'),
  STALE_SCAN_HOURS: v.optional(positive, '24'),
  STALE_SCAN_DELETE_FROM_NESSUS: v.optional(yesOrNo, 'true'),
  NESSUS_SCAN_CLEANUP_ENABLED: v.optional(yesOrNo, 'true'),
  NESSUS_SCAN_RETENTION_HOURS: v.optional(positive, '24'),
});

/** Where things are when the environment does not say; each app has its own. */
export interface SettingsDefaults {
  dataDir: string;
}

/**
 * Reads the settings from environment variables; an empty one counts as absent.
 *
 * @throws {NmcpError} `invalid_config` naming the variable, never its value, which can be a secret.
 *
 * @example
 * ```ts
 * import { readSettings } from '@nmcp/settings';
 *
 * const settings = readSettings({ LOG_LEVEL: 'WARNING' }, { dataDir: './data' });
 * console.assert(settings.logLevel === 'warn' && settings.port === 8836);
 * ```
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  defaults: SettingsDefaults,
): Settings {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== '' && value !== undefined),
  );
  const result = v.safeParse(EnvironmentSchema, given);
  if (!result.success) throw new NmcpError('invalid_config', `Environment: ${explainIssues(result.issues)}`);
  const env = result.output;
  return {
    redisUrl: env.REDIS_URL,
    redisClusterTag: env.REDIS_CLUSTER_TAG,
    dataDir: env.DATA_DIR ?? defaults.dataDir,
    policyFile: env.POLICY_FILE,
    tokensFile: env.TOKENS_FILE ?? `${env.DATA_DIR ?? defaults.dataDir}/.tokens.json`,
    secretKeys: env.NMCP_SECRET_KEY,
    secretKeyFile: env.SECRET_KEY_FILE ?? `${env.DATA_DIR ?? defaults.dataDir}/.secret_key`,
    toolsets: env.TOOLSETS,
    readOnly: env.READ_ONLY,
    lockdown: env.LOCKDOWN,
    auditLog: env.AUDIT_LOG ?? `${env.DATA_DIR ?? defaults.dataDir}/.audit.jsonl`,
    oauth: oauthOf(env.OAUTH_ISSUER, env.OAUTH_AUDIENCE, env.OAUTH_JWKS_URL),
    credentialsFile: env.CREDENTIALS_FILE,
    limits: {
      callsPerMinute: env.CALLS_PER_MINUTE,
      concurrentCalls: env.CONCURRENT_CALLS,
      streams: env.STREAMS,
    },
    requestSeconds: env.REQUEST_SECONDS,
    stallSeconds: env.STALL_SECONDS,
    approvalHours: env.APPROVAL_HOURS,
    importDir: env.IMPORT_DIR,
    scannerConfig: env.SCANNER_CONFIG,
    workerPools: env.WORKER_POOLS,
    logLevel: env.LOG_LEVEL,
    environment: env.ENVIRONMENT,
    host: env.HOST,
    port: env.PORT,
    workerStatus:
      env.WORKER_PORT === undefined ? undefined : { host: env.WORKER_HOST, port: env.WORKER_PORT },
    watchConfig: env.WATCH_CONFIG,
    allowedHosts: env.ALLOWED_HOSTS,
    pollSeconds: env.POLL_SECONDS,
    leaseSeconds: env.LEASE_SECONDS,
    circuitFailures: env.CIRCUIT_FAILURES,
    circuitSeconds: env.CIRCUIT_SECONDS,
    shutdownSeconds: env.SHUTDOWN_SECONDS,
    scanTimeoutHours: env.SCAN_TIMEOUT_HOURS,
    housekeeping: {
      enabled: env.HOUSEKEEPING_ENABLED,
      intervalMs: env.HOUSEKEEPING_INTERVAL_HOURS * HOUR_MS,
      rules: {
        completedTtlMs: env.COMPLETED_TTL_DAYS * 24 * HOUR_MS,
        failedTtlMs: env.FAILED_TTL_DAYS * 24 * HOUR_MS,
        staleMs: env.STALE_SCAN_CLEANUP_ENABLED ? env.STALE_SCAN_HOURS * HOUR_MS : undefined,
        deleteStale: env.STALE_SCAN_DELETE_FROM_NESSUS,
        scanRetentionMs: env.NESSUS_SCAN_CLEANUP_ENABLED
          ? env.NESSUS_SCAN_RETENTION_HOURS * HOUR_MS
          : undefined,
      },
    },
  };
}

/** Without an audience, a token for any other server would do. */
function oauthOf(
  issuer: string | undefined,
  audience: string | undefined,
  jwksUrl: string | undefined,
): Settings['oauth'] {
  if (issuer === undefined && audience === undefined) return undefined;
  if (issuer !== undefined && audience !== undefined) return { issuer, audience, jwksUrl };
  throw new NmcpError('invalid_config', 'Environment: OAUTH_ISSUER and OAUTH_AUDIENCE go together');
}
