import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { requirePrivate } from '@nmcp/files';
import { isTargetRule } from '@nmcp/policy';
import {
  explainIssues,
  isNmcpError,
  messageOf,
  NmcpError,
  type ScanCredentials,
  ScanCredentialsSchema,
} from '@nmcp/types';
import * as v from 'valibot';
import { parseDocument } from 'yaml';

/** Where a secret comes from: the text itself, the environment, a file, or the output of a command. */
type SecretSource = string | { env: string } | { file: string } | { command: string[] };

const SecretSchema: v.GenericSchema<unknown, SecretSource> = v.union(
  [
    v.pipe(v.string(), v.minLength(1)),
    v.strictObject({ env: v.string() }),
    v.strictObject({ file: v.string() }),
    v.strictObject({ command: v.pipe(v.array(v.string()), v.minLength(1)) }),
  ],
  'expected a text, {env: NAME}, {file: PATH} or {command: [PROGRAM, ...]}',
);

type Field = SecretSource | undefined;

interface NamedEntry {
  ssh?: Record<string, Field> | undefined;
  windows?: Record<string, Field> | undefined;
  snmp_v3?: Record<string, Field> | undefined;
  /** Absent: all. */
  pools?: string[] | undefined;
  /** Absent: all. */
  callers?: string[] | undefined;
  /** Networks and names that they may be used on. Absent: all that the policy allows. */
  targets?: string[] | undefined;
}

const fields = v.record(v.string(), SecretSchema);

const FileSchema: v.GenericSchema<unknown, Record<string, NamedEntry>> = v.record(
  v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/, 'is not a name')),
  v.strictObject({
    ssh: v.optional(fields),
    windows: v.optional(fields),
    snmp_v3: v.optional(fields),
    pools: v.optional(v.array(v.string())),
    callers: v.optional(v.array(v.string())),
    targets: v.optional(
      v.pipe(
        v.array(v.pipe(v.string(), v.check(isTargetRule, 'expected a network, an address or a host name'))),
        v.minLength(1, 'expected one or more networks or host names'),
      ),
    ),
  }),
);

/** Who uses credentials, and in which pool. */
export interface CredentialUse {
  pool: string;
  caller: string;
}

/** Credentials that are bound to targets. */
export interface BoundCredentials {
  name: string;
  targets: readonly string[];
  /** Absent: all. */
  pools?: readonly string[] | undefined;
  /** Absent: all. */
  callers?: readonly string[] | undefined;
}

/** Named credentials, defined by the operator, so that an agent passes a name and never sees a password. */
export interface NamedCredentials {
  /** Names that may be used. */
  names(use: CredentialUse): Promise<string[]>;
  /**
   * The credentials of a name.
   *
   * @throws {NmcpError} `not_found` naming those that may be used, also for existing ones that may not;
   *   `invalid_config` when a secret cannot be read, never with a secret in it
   */
  resolve(name: string, use: CredentialUse): Promise<ScanCredentials>;
  /** Networks and names that credentials may be used on; `undefined` when they are bound to none. */
  targetsOf(name: string): Promise<readonly string[] | undefined>;
  /** Those that are bound, and to whom and where they are given. */
  bound(): Promise<BoundCredentials[]>;
  /** Names of those that are bound to no targets: whoever may use them can have them sent to a host of his own. */
  unbound(): Promise<string[]>;
}

/** Options of {@linkcode openNamedCredentials}. */
export interface NamedCredentialsOptions {
  /** Path of credentials.yaml; absent: there are none. */
  path?: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
}

const COMMAND_TIMEOUT_MS = 10_000;
const MAX_SECRET_BYTES = 65_536;

/**
 * Opens credentials.yaml. It is read at each use, so that changes take effect at once; secrets are fetched when they are used.
 *
 * @example
 * ```ts
 * import { mkdtempSync, writeFileSync } from 'node:fs';
 * import { openNamedCredentials } from '@nmcp/vault';
 *
 * const path = `${mkdtempSync('/tmp/credentials-')}/credentials.yaml`;
 * writeFileSync(path, 'audit:\n  ssh: {username: audit, password: {env: AUDIT_PASSWORD}}\n', { mode: 0o600 });
 * const named = openNamedCredentials({ path, environment: { AUDIT_PASSWORD: 'secret' } });
 * console.assert((await named.names({ pool: 'nessus', caller: 'local' })).join() === 'audit');
 * ```
 */
export function openNamedCredentials({ path, environment }: NamedCredentialsOptions): NamedCredentials {
  const read = async (): Promise<Record<string, NamedEntry>> =>
    path === undefined ? {} : await readFileOf(path);
  const usable = (entry: NamedEntry, { pool, caller }: CredentialUse): boolean =>
    (entry.pools?.includes(pool) ?? true) && (entry.callers?.includes(caller) ?? true);
  const names = async (use: CredentialUse): Promise<string[]> =>
    Object.entries(await read()).flatMap(([name, entry]) => (usable(entry, use) ? [name] : []));
  return {
    names,
    async targetsOf(name) {
      const entries = await read();
      return Object.hasOwn(entries, name) ? entries[name]?.targets : undefined;
    },
    bound: async () =>
      Object.entries(await read()).flatMap(([name, { targets, pools, callers }]) =>
        targets ? [{ name, targets, pools, callers }] : [],
      ),
    unbound: async () =>
      Object.entries(await read()).flatMap(([name, { targets }]) => (targets ? [] : [name])),
    async resolve(name, use) {
      const entries = await read();
      const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
      if (entry && usable(entry, use)) return await fetchSecrets(name, entry, environment);
      const others = (await names(use)).join(', ');
      throw new NmcpError(
        'not_found',
        `You have no credentials ${JSON.stringify(name.slice(0, 64))} in the pool ${use.pool}; available are: ${others || 'none'}`,
        { title: 'Credentials not found' },
      );
    },
  };
}

async function readFileOf(path: string): Promise<Record<string, NamedEntry>> {
  try {
    await requirePrivate(path);
    const document = parseDocument(await readFile(path, 'utf8'), { prettyErrors: false });
    const [problem] = document.errors;
    if (problem) throw new Error(`it is not YAML: ${problem.code}`);
    const result = v.safeParse(FileSchema, document.toJS() ?? {});
    if (result.success) return result.output;
    // valibot's messages repeat what was received, which can be a secret
    const [issue] = result.issues;
    const wanted =
      issue.type === 'check' || issue.type === 'min_length' ? issue.message : `expected ${issue.expected}`;
    throw new Error(`${v.getDotPath(issue) ?? 'the file'} is not valid; ${wanted}`);
  } catch (error) {
    if (isNmcpError(error)) throw error;
    throw new NmcpError('invalid_config', `${path}: ${messageOf(error)}`, { title: 'Invalid configuration' });
  }
}

async function fetchSecrets(
  name: string,
  { ssh, windows, snmp_v3 }: NamedEntry,
  environment: NamedCredentialsOptions['environment'],
): Promise<ScanCredentials> {
  const all = async (
    kind: Record<string, Field> | undefined,
  ): Promise<Record<string, string> | undefined> => {
    if (!kind) return undefined;
    const found = await Promise.all(
      Object.entries(kind).map(async ([field, source]) => [
        field,
        await fetchSecret(`${name}.${field}`, source ?? '', environment),
      ]),
    );
    return Object.fromEntries(found);
  };
  const login = await all(ssh);
  const several = {
    type: 'several',
    ...(login ? { ssh: { type: 'ssh', auth_method: 'password', ...login } } : {}),
    ...(windows ? { windows: await all(windows) } : {}),
    ...(snmp_v3 ? { snmp_v3: await all(snmp_v3) } : {}),
  };
  const result = v.safeParse(
    ScanCredentialsSchema,
    several.ssh && !windows && !snmp_v3 ? several.ssh : several,
  );
  if (result.success && (ssh || windows || snmp_v3)) return result.output;
  const why = result.success
    ? 'they have no login'
    : explainIssues(result.issues).replaceAll(/ (?:received|but) .*/g, '');
  throw new NmcpError('invalid_config', `The credentials ${name} are incomplete: ${why}`);
}

async function fetchSecret(
  where: string,
  source: SecretSource,
  environment: NamedCredentialsOptions['environment'],
): Promise<string> {
  const fail = (why: string): NmcpError =>
    new NmcpError('invalid_config', `The credentials' ${where}: ${why}`);
  if (typeof source === 'string') return source;
  if ('env' in source) {
    const value = environment[source.env];
    if (!value) throw fail(`the environment variable ${source.env} is not set`);
    return value;
  }
  if ('file' in source) {
    const text = await readFile(source.file, 'utf8').catch((error: unknown) => {
      throw fail(messageOf(error));
    });
    return text.replace(/\r?\n$/, '');
  }
  const [program = '', ...args] = source.command;
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      timeout: COMMAND_TIMEOUT_MS,
      maxBuffer: MAX_SECRET_BYTES,
    });
    return stdout.replace(/\r?\n$/, '');
  } catch (error) {
    // the error's message contains the command's output
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    throw fail(`the command ${program} failed (${code})`);
  }
}
