import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Caller, LOCAL_CALLER } from '@nmcp/access';
import { EMBEDDED_FILE } from '@nmcp/queue';
import { type OpenStateOptions, openServices, openState, type State } from '@nmcp/runtime';
import type { Services } from '@nmcp/scans';
import { readSettings, type Settings } from '@nmcp/settings';
import { DEFAULT_POOL, isPoolName, NmcpError, type PoolName } from '@nmcp/types';

/** Options that say where the queue and the tasks are. */
export const STORE = {
  'redis-url': {
    type: 'string',
    description: 'Queue on Redis (REDIS_URL); default: the embedded queue',
    valueHint: 'URL',
  },
  'data-dir': { type: 'string', description: 'Task directory (DATA_DIR)', valueHint: 'FOLDER' },
  config: { type: 'string', description: 'Path of scanners.yaml (SCANNER_CONFIG)', valueHint: 'FILE' },
} as const;

/** The option of commands about one pool. */
export const POOL_ARG = {
  pool: { type: 'string', default: DEFAULT_POOL as string, description: 'Scanner pool', valueHint: 'POOL' },
} as const;

/** What {@linkcode STORE} holds. */
export interface StoreArgs {
  'redis-url'?: string | undefined;
  'data-dir'?: string | undefined;
  config?: string | undefined;
}

/** The settings of the environment, overridden by options. */
export function settingsOf(args: StoreArgs = {}): { settings: Settings; environment: NodeJS.ProcessEnv } {
  const given = {
    REDIS_URL: args['redis-url'],
    DATA_DIR: args['data-dir'],
    SCANNER_CONFIG: args.config,
  };
  const environment = {
    LOG_LEVEL: 'error',
    ...process.env,
    WATCH_CONFIG: 'false', // a command is over before a change matters
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  return { settings: readSettings(environment, { dataDir: 'data/tasks' }), environment };
}

/** The caller of every command: anyone who can read the data directory may do everything. */
export const OPERATOR: Caller = LOCAL_CALLER;

/** Where the queue was looked for, if there is none: commands do not make one, which would show zeros. */
export function missingStore({ redisUrl, dataDir }: Settings): string | undefined {
  const file = join(dataDir, EMBEDDED_FILE);
  if (redisUrl !== undefined || existsSync(file)) return undefined;
  return `There is no queue: REDIS_URL is not set, and there is no embedded queue ${file}. Give --redis-url redis://localhost:6379, or the --data-dir of a server that has run`;
}

/**
 * Runs a command with all services open.
 *
 * @throws {NmcpError} `not_found` when there is no queue
 */
export async function withStore<T>(
  args: StoreArgs,
  run: (services: Services, settings: Settings) => Promise<T>,
): Promise<T> {
  const { settings } = settingsOf(args);
  const missing = missingStore(settings);
  if (missing !== undefined) throw new NmcpError('not_found', missing);
  return await withServices(args, run);
}

/** Runs a command that needs no queue: where there is none it gets one of its own, which is gone afterwards. */
export async function withServices<T>(
  args: StoreArgs,
  run: (services: Services, settings: Settings, environment: NodeJS.ProcessEnv) => Promise<T>,
  { onlyReads = false }: { onlyReads?: boolean } = {},
): Promise<T> {
  const { settings, environment } = settingsOf(args);
  const queueFolder =
    missingStore(settings) === undefined ? undefined : await mkdtemp(join(tmpdir(), 'nmcp-admin-'));
  try {
    await using services = await openServices({
      ...{ settings, environment, app: 'admin-cli', isCommand: true, queueFolder, onlyReads },
    });
    // these restrict what servers offer to their callers
    return await run(
      { ...services, readOnly: false, lockdown: false, toolsets: undefined },
      settings,
      environment,
    );
  } finally {
    if (queueFolder !== undefined) await rm(queueFolder, { recursive: true, force: true });
  }
}

/** Runs a command with the state open: tasks, tokens and the audit log. */
export async function withState<T>(
  args: StoreArgs,
  run: (state: State, settings: Settings) => Promise<T>,
  options: OpenStateOptions = {},
): Promise<T> {
  const { settings } = settingsOf(args);
  await using state = await openState(settings, options);
  return await run(state, settings);
}

/** @throws {NmcpError} `invalid_input` */
export function poolOf(name: string): PoolName {
  if (isPoolName(name)) return name;
  throw new NmcpError(
    'invalid_input',
    `--pool ${JSON.stringify(name.slice(0, 60))} is not a valid pool name`,
  );
}

/** @throws {NmcpError} `invalid_input` */
export function wholeNumber(option: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new NmcpError('invalid_input', `${option} ${text}: expected a whole number from 1`);
  return Number(text);
}
