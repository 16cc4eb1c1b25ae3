import { explainIssues, isPoolName, NmcpError, type PoolName, TOOLSETS } from '@nmcp/types';
import * as v from 'valibot';
import {
  isAddressOrNetwork,
  isSentinel,
  list,
  lowerCase,
  port,
  positive,
  yesOrNo,
} from './environment_fields.ts';
import { LOG_LEVELS } from './log_level.ts';
import type { Settings, SettingsDefaults } from './settings.ts';

/** The port of v3.0. */
export const DEFAULT_PORT = 8836;

const HOUR_MS = 3_600_000;

/** Variables by name; all are text, and so are their defaults. */
const EnvironmentSchema = v.object({
  REDIS_URL: v.optional(v.string()),
  REDIS_CLUSTER_TAG: v.optional(
    v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/, 'expected letters, digits, dots, dashes and underscores')),
  ),
  REDIS_SENTINELS: v.optional(
    v.pipe(
      list,
      v.check(
        (all) => all.every(isSentinel),
        'expected HOST:PORT, or redis://USER:PASSWORD@HOST:PORT, comma-separated',
      ),
    ),
  ),
  TASKS_URL: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^postgres(?:ql)?:\/\//, 'expected postgres://USER:PASSWORD@HOST:PORT/DATABASE'),
    ),
  ),
  RESULTS_URL: v.optional(v.string()),
  RESULTS_ENCRYPTION: v.optional(v.string()),
  RESULTS_CACHE_MB: v.optional(positive, '10240'),
  DATA_DIR: v.optional(v.string()),
  POLICY_FILE: v.optional(v.string()),
  TOKENS_FILE: v.optional(v.string()),
  NMCP_SECRET_KEY: v.optional(v.string()),
  SECRET_KEY_FILE: v.optional(v.string()),
  TOOLSETS: v.optional(
    v.pipe(list, v.array(v.picklist(TOOLSETS, `expected one or more of ${TOOLSETS.join(', ')}`))),
  ),
  READ_ONLY: v.optional(yesOrNo, 'false'),
  LOCKDOWN: v.optional(yesOrNo, 'false'),
  V3_CLIENTS: v.optional(yesOrNo, 'false'),
  AUDIT_LOG: v.optional(v.string()),
  INVENTORY_URL: v.optional(
    v.pipe(
      v.string(),
      v.regex(
        /^(?:postgres(?:ql)?:\/\/|(?!\w+:\/\/))/,
        'expected postgres://USER:PASSWORD@HOST/DATABASE, or the path of a file',
      ),
    ),
  ),
  INVENTORY_CONFIG: v.optional(v.string()),
  OAUTH_ISSUER: v.optional(v.string()),
  OAUTH_AUDIENCE: v.optional(v.string()),
  OAUTH_JWKS_URL: v.optional(v.string()),
  CREDENTIALS_FILE: v.optional(v.string()),
  CALLS_PER_MINUTE: v.optional(
    v.pipe(
      v.string(),
      v.transform(Number),
      v.check((n) => n >= 0, 'expected a number of 0 or more'),
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
    v.pipe(list, v.array(v.custom<PoolName>(isPoolName, 'expected pool names, comma-separated'))),
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
  TRUSTED_PROXIES: v.optional(
    v.pipe(
      list,
      v.check(
        (all) => all.every(isAddressOrNetwork),
        'expected addresses and networks, such as 10.0.0.5, 10.1.0.0/16',
      ),
    ),
    '',
  ),
  SCANNER_CALL_SECONDS: v.optional(positive, '30'),
  POLL_SECONDS: v.optional(positive, '30'),
  LEASE_SECONDS: v.optional(positive, '60'),
  CIRCUIT_FAILURES: v.optional(positive, '5'),
  CIRCUIT_SECONDS: v.optional(positive, '30'),
  SHUTDOWN_SECONDS: v.optional(positive, '8'),
  SCAN_GONE_MINUTES: v.optional(positive, '10'),
  SCAN_TIMEOUT_HOURS: v.optional(positive, '24'),
  EXPORT_MAX_GB: v.optional(positive, '20'),
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

/** Names of all variables. */
export const SETTING_NAMES: readonly string[] = Object.keys(EnvironmentSchema.entries);

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
    redisSentinels: sentinelsOf(env),
    tasksUrl: env.TASKS_URL,
    dataDir: env.DATA_DIR ?? defaults.dataDir,
    results:
      env.RESULTS_URL === undefined
        ? undefined
        : {
            url: env.RESULTS_URL,
            encryption: env.RESULTS_ENCRYPTION,
            cacheBytes: env.RESULTS_CACHE_MB * 1e6,
          },
    policyFile: env.POLICY_FILE,
    tokensFile: env.TOKENS_FILE ?? `${env.DATA_DIR ?? defaults.dataDir}/.tokens.json`,
    secretKeys: env.NMCP_SECRET_KEY,
    secretKeyFile: env.SECRET_KEY_FILE ?? `${env.DATA_DIR ?? defaults.dataDir}/.secret_key`,
    toolsets: env.TOOLSETS,
    readOnly: env.READ_ONLY,
    lockdown: env.LOCKDOWN,
    v3Clients: env.V3_CLIENTS,
    auditLog: env.AUDIT_LOG ?? `${env.DATA_DIR ?? defaults.dataDir}/.audit.jsonl`,
    inventoryUrl: env.INVENTORY_URL ?? `${env.DATA_DIR ?? defaults.dataDir}/.inventory.db`,
    inventoryConfig: env.INVENTORY_CONFIG,
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
    trustedProxies: env.TRUSTED_PROXIES,
    scannerCallSeconds: env.SCANNER_CALL_SECONDS,
    pollSeconds: env.POLL_SECONDS,
    leaseSeconds: env.LEASE_SECONDS,
    circuitFailures: env.CIRCUIT_FAILURES,
    circuitSeconds: env.CIRCUIT_SECONDS,
    shutdownSeconds: env.SHUTDOWN_SECONDS,
    scanGoneMinutes: env.SCAN_GONE_MINUTES,
    scanTimeoutHours: env.SCAN_TIMEOUT_HOURS,
    exportMaxGigabytes: env.EXPORT_MAX_GB,
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

/** Without a URL there is no name to ask for; a cluster has no Sentinels. */
function sentinelsOf(env: {
  REDIS_URL?: string | undefined;
  REDIS_SENTINELS?: string[] | undefined;
  REDIS_CLUSTER_TAG?: string | undefined;
}): string[] | undefined {
  if (env.REDIS_SENTINELS === undefined) return undefined;
  if (env.REDIS_URL !== undefined && env.REDIS_CLUSTER_TAG === undefined) return env.REDIS_SENTINELS;
  throw new NmcpError(
    'invalid_config',
    'Environment: REDIS_SENTINELS goes with REDIS_URL, whose host is what they call the primary, such as redis://mymaster, and not with REDIS_CLUSTER_TAG',
  );
}

/** Without an audience, a token for any other server would be accepted. */
function oauthOf(
  issuer: string | undefined,
  audience: string | undefined,
  jwksUrl: string | undefined,
): Settings['oauth'] {
  if (issuer === undefined && audience === undefined) return undefined;
  if (issuer !== undefined && audience !== undefined) return { issuer, audience, jwksUrl };
  throw new NmcpError('invalid_config', 'Environment: OAUTH_ISSUER and OAUTH_AUDIENCE go together');
}
