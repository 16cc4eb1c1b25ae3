import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { Account, OAuthTokens, PageSessions } from '@nmcp/access';
import { AuditLog } from '@nmcp/audit';
import { openInventory } from '@nmcp/inventory';
import { openQueue } from '@nmcp/queue';
import { createNessusScanner, createScannerRegistry, type PoolConfigs } from '@nmcp/registry';
import { openResults } from '@nmcp/results';
import type { Services } from '@nmcp/scans';
import type { Settings } from '@nmcp/settings';
import { createLogger, createMetrics, SecretValues } from '@nmcp/telemetry';
import { instanceKey, messageOf, systemClock } from '@nmcp/types';
import { createVault, openNamedCredentials } from '@nmcp/vault';
import { configuredPools, type Environment } from './configured_scanners.ts';
import { openPolicy, ownHosts, readPolicyDocument } from './open_policy.ts';
import { existingKeys, secretKeys } from './secret_keys.ts';
import { createSelfCheck } from './self_check/create_self_check.ts';
import { logSelfCheck } from './self_check/tell_check.ts';
import { openState } from './state/open_state.ts';
import { queueName } from './state/queue_name.ts';
import { watchFiles } from './watch_files.ts';

/** Options of {@linkcode openServices}. */
export interface OpenServicesOptions {
  settings: Settings;
  /** Where scanners.yaml's `${NAME}` are looked up. */
  environment: Environment;
  /** Name of the app in the logs, such as `worker`. */
  app: string;
  /** Folder of the embedded queue. @default the data directory */
  queueFolder?: string | undefined;
  /** Scanners to use instead of those in the settings. */
  pools?: PoolConfigs | undefined;
  /** Makes no folder and no key. @default false */
  onlyReads?: boolean | undefined;
  /** A command is over soon: what a server has to be sure of before it serves is not looked at. @default false */
  isCommand?: boolean | undefined;
}

/** What to do when no scanner is configured. */
export const HOW_TO_POINT_AT_A_SCANNER =
  'No scanner is configured. Give one of: --config scanners.yaml (or SCANNER_CONFIG); NESSUS_URL with NESSUS_ACCESS_KEY and NESSUS_SECRET_KEY, or with NESSUS_USERNAME and NESSUS_PASSWORD; or --simulate to try it out. Imported results can be read even without a scanner.';

/**
 * Opens all services of an app.
 *
 * @throws {NmcpError} `invalid_config` for scanners.yaml, or a folder that cannot hold tasks, tokens or the audit log; `unavailable` when the queue's store does not answer
 */
export async function openServices(options: OpenServicesOptions): Promise<Services> {
  const { settings, app } = options;
  const secrets = new SecretValues();
  const log = createLogger({ app, level: settings.logLevel, environment: settings.environment, secrets });
  hide(secrets, settings);
  const faults = new Set<string>();
  const pools =
    options.pools ??
    (await configuredPools(settings, options.environment, ({ error, what }) => {
      faults.add(what);
      log.error({ reason: error.message }, 'an entry of scanners.yaml cannot be used, and is left out');
    }));
  hideLogins(secrets, pools);
  if (pools.size === 0) log.warn(HOW_TO_POINT_AT_A_SCANNER);
  const state = await openState(settings, {
    onlyReads: options.onlyReads,
    onDamaged: (task_id, error) => log.warn({ task_id, reason: messageOf(error) }, 'a task cannot be read'),
  });
  if (!options.isCommand) await state.bucket?.requireWritable();
  const { tasks, tokens, database } = state;
  const queue = await openQueue({ ...settings, dataDir: options.queueFolder ?? settings.dataDir });
  // who only reads, or has a queue of its own for a moment, runs nothing
  if (!options.onlyReads && options.queueFolder === undefined)
    await state.requireOneQueue(await queueName(settings));
  const metrics = createMetrics();
  const registry = createScannerRegistry({
    pools,
    slots: queue.slots,
    circuits: queue.circuits,
    drains: queue.drains,
    factories: {
      nessus: (config) => createNessusScanner(config, { timeoutMs: settings.scannerCallSeconds * 1000 }),
    },
    circuit: { failures: settings.circuitFailures, openMs: settings.circuitSeconds * 1000 },
    onFailure: (scanner_instance, opened) => {
      metrics.circuitFailures.inc({ scanner_instance });
      if (opened) metrics.circuitOpens.inc({ scanner_instance });
      if (opened) log.warn({ scanner: scanner_instance }, 'circuit breaker opened');
    },
  });
  metrics.beginAtZero(namesOf(pools));
  const policy = await openPolicy(settings, options.environment, pools);
  // who only reads makes no key: nothing is sealed with the one that he gets
  const passing = (): Uint8Array<ArrayBuffer>[] => [crypto.getRandomValues(new Uint8Array(32))];
  const keys = options.onlyReads ? (existingKeys(settings) ?? passing()) : secretKeys(settings);
  if (!options.onlyReads) await state.requireKeys(keys);
  const vault = await createVault(keys);
  const credentials = openNamedCredentials({
    path: settings.credentialsFile,
    environment: options.environment,
  });
  const results = openResults();
  const inventory = openInventory({ url: settings.inventoryUrl, rulesFile: settings.inventoryConfig });
  const selfCheck = createSelfCheck(() => services, { settings, environment: options.environment, state });
  const reload = async (): Promise<void> => {
    try {
      // both are read before either is applied, so that a fault in one changes nothing
      const document = await readPolicyDocument(settings);
      const again =
        settings.scannerConfig !== undefined && !options.pools
          ? await configuredPools(settings, options.environment, ({ error, what }) => {
              // a change that breaks something must not take a scanner away
              if (!faults.has(what)) throw error;
            })
          : pools;
      hideLogins(secrets, again);
      metrics.beginAtZero(namesOf(again));
      registry.reload(again); // it rejects types that it does not know, so it comes first
      policy.reload(document, ownHosts(again, settings.redisUrl));
      log.info({ pools: registry.pools() }, 'scanners and policy reloaded');
      void logSelfCheck({ selfCheck, log }, { fresh: true });
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'reload failed; scanners and policy are unchanged');
    }
  };
  const watched = settings.watchConfig
    ? [settings.scannerConfig, settings.policyFile].filter((path) => path !== undefined)
    : [];
  const watching = await watchFiles(watched, reload, (error) =>
    log.warn(
      { reason: messageOf(error) },
      'scanners.yaml and policy.yaml cannot be watched for changes; send SIGHUP to reload them',
    ),
  );
  // a restarted container can have the same host name and process id
  const consumer = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const account = new Account({
    limits: settings.limits,
    clock: systemClock,
    shared: queue.use,
    server: consumer,
  });
  const services: Services = {
    log,
    metrics,
    selfCheck,
    queue,
    redisUrl: settings.redisUrl,
    tasks,
    database,
    registry,
    results,
    inventory,
    clock: systemClock,
    policy,
    approvalHours: settings.approvalHours,
    audit: new AuditLog(state.audit, {
      keys,
      // recorded where logs are kept, it later proves that the end of the audit log was not cut off
      onEntry: ({ seq, hash, action }) => log.info({ seq, hash, action }, 'audit log'),
    }),
    lockdown: settings.lockdown,
    v3Clients: settings.v3Clients,
    toolsets: settings.toolsets,
    readOnly: settings.readOnly,
    vault,
    credentials,
    oauth: settings.oauth && new OAuthTokens(settings.oauth),
    tokens: (await tokens.isEmpty()) ? undefined : tokens,
    sessions: new PageSessions({ versions: tasks.document('.sessions'), vault }),
    importDir: settings.importDir,
    consumer,
    account,
    reload,
    async [Symbol.asyncDispose]() {
      watching[Symbol.dispose]();
      account[Symbol.dispose]();
      await results.close();
      await inventory.close();
      await registry.close();
      await queue.close();
      await state[Symbol.asyncDispose]();
    },
  };
  return services;
}

/** Secrets of the settings must not appear in the log, not even in the error of a library. */
function hide(
  secrets: SecretValues,
  { redisUrl, redisSentinels = [], tasksUrl, inventoryUrl, secretKeys: keys }: Settings,
): void {
  secrets.add(...(keys?.split(',').map((key) => key.trim()) ?? []));
  for (const url of [redisUrl, ...redisSentinels, tasksUrl, inventoryUrl])
    if (url !== undefined && URL.canParse(url)) secrets.add(decodeURIComponent(new URL(url).password));
}

/** A password that is also a name would blank that name all over the log; where it stands in its field it is hidden anyway. */
function hideLogins(secrets: SecretValues, pools: PoolConfigs): void {
  const scanners = [...pools.values()].flat();
  const names = new Set(
    scanners.flatMap(({ pool, scanner_type, instance_id, name, auth }) => [
      ...[pool, scanner_type, instance_id, name],
      ...('username' in auth ? [auth.username] : []),
    ]),
  );
  for (const { auth } of scanners)
    for (const secret of 'password' in auth ? [auth.password] : [auth.accessKey, auth.secretKey])
      if (!names.has(secret)) secrets.add(secret);
}

function namesOf(pools: PoolConfigs): { pools: string[]; scanners: string[] } {
  const scanners = [...pools.values()].flat();
  return {
    pools: [...pools.keys()],
    scanners: scanners.map(({ pool, instance_id }) => instanceKey(pool, instance_id)),
  };
}
