import { mkdtemp } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings, type Settings } from '@nmcp/settings';

interface TextArg {
  type: 'string';
  description: string;
  valueHint: string;
}

/** Type of {@linkcode SERVER_ARGS}; a type alias, since citty wants an index signature. */
export type ServerArgsDef = {
  config: TextArg;
  'data-dir': TextArg;
  'redis-url': TextArg;
  toolsets: TextArg;
  'read-only': { type: 'boolean'; default: false; description: string };
  simulate: { type: 'boolean'; default: false; description: string };
};

/** Options of the commands that serve. */
export const SERVER_ARGS: ServerArgsDef = {
  config: { type: 'string', description: 'Path of scanners.yaml (SCANNER_CONFIG)', valueHint: 'FILE' },
  'data-dir': {
    type: 'string',
    description: 'Directory of the tasks and the embedded queue (DATA_DIR)',
    valueHint: 'FOLDER',
  },
  'redis-url': {
    type: 'string',
    description: 'Queue on Redis instead of the embedded one (REDIS_URL)',
    valueHint: 'URL',
  },
  toolsets: {
    type: 'string',
    description: 'Groups of tools to offer: scan, results, infrastructure (TOOLSETS, all)',
    valueHint: 'a,b',
  },
  'read-only': {
    type: 'boolean',
    default: false,
    description: 'Offer only tools that change nothing (READ_ONLY)',
  },
  simulate: {
    type: 'boolean',
    default: false,
    description: 'Use a simulated scanner; without --data-dir nothing is stored',
  },
};

/** What the options of {@linkcode SERVER_ARGS} hold. */
export interface ServerArgs {
  config?: string | undefined;
  'data-dir'?: string | undefined;
  'redis-url'?: string | undefined;
  toolsets?: string | undefined;
  'read-only'?: boolean | undefined;
  simulate?: boolean | undefined;
  host?: string | undefined;
  port?: string | undefined;
}

/** The default data directory. */
export const DEFAULT_DATA_DIR: string = join(homedir(), '.nmcp', 'tasks');

/** Settings, and whether their data directory was made for this run alone. */
export interface ServerSettings {
  settings: Settings;
  /** The data directory is removed on exit. */
  temporary: boolean;
}

/** The settings of the environment, overridden by command-line options. */
export async function settingsOf(args: ServerArgs): Promise<ServerSettings> {
  const given = {
    SCANNER_CONFIG: args.config,
    DATA_DIR: args['data-dir'],
    REDIS_URL: args['redis-url'],
    TOOLSETS: args.toolsets,
    READ_ONLY: args['read-only'] ? 'true' : undefined,
    HOST: args.host,
    PORT: args.port,
  };
  const environment = {
    ...process.env,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
  const temporary = args.simulate === true && !environment.DATA_DIR;
  const dataDir = temporary ? await mkdtemp(join(tmpdir(), 'nmcp-simulated-')) : DEFAULT_DATA_DIR;
  return { settings: readSettings(environment, { dataDir }), temporary };
}
