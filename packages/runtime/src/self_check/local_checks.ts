import { access, constants, stat, statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isLoopback, type TokenRecord } from '@nmcp/access';
import { verifyAuditLog } from '@nmcp/audit';
import { type CheckResult, failed, ok, warning } from '@nmcp/scans';
import type { Settings } from '@nmcp/settings';
import { whyNoAccess } from '@nmcp/tasks';
import { messageOf } from '@nmcp/types';
import { configuredPools, type Environment } from '../configured_scanners.ts';
import { existingKeys } from '../secret_keys.ts';
import type { State } from '../state/state.ts';

const GIB = 1024 ** 3;
/** Results of a large scan are gigabytes while they are read. */
const FEW_BYTES = 5 * GIB;

/** Whether the data directory is usable and private, and its disk has free space. It makes none. */
export async function checkDisk({ dataDir }: Settings): Promise<CheckResult[]> {
  const folder = resolve(dataDir);
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined)
    return [
      warning('data directory', `${folder} does not exist`, 'The first start makes it; or correct DATA_DIR'),
    ];
  const { mode } = found;
  try {
    if (!found.isDirectory()) throw new Error(`${folder} is a file`);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const isDenied = (error as NodeJS.ErrnoException).code === 'EACCES'; // of the file system
    const detail = isDenied ? await whyNoAccess(folder) : messageOf(error);
    return [failed('data directory', detail, 'Or set DATA_DIR to another one')];
  }
  const { bavail, blocks, bsize } = await statfs(folder);
  const results = [judgeRoom(folder, bavail * bsize, blocks * bsize)];
  if ((mode & 0o007) !== 0)
    results.push(
      warning(
        'data directory',
        `${folder} can be read by every user (mode ${(mode & 0o777).toString(8)})`,
        `chmod 750 ${folder}`,
      ),
    );
  return results;
}

/** Whether a disk has room for results; sizes in bytes. */
export function judgeRoom(folder: string, free: number, all: number): CheckResult {
  const room = `${folder}: ${(free / GIB).toFixed(1)} GiB free of ${(all / GIB).toFixed(1)}`;
  const share = free / all;
  if (share < 0.02) return failed('disk', room, 'Free some space: scans wait until there is some');
  if (free >= FEW_BYTES && share >= 0.1) return ok('disk', room);
  return warning(
    'disk',
    room,
    'Free some space, or lower COMPLETED_TTL_DAYS: results of large scans are gigabytes',
  );
}

/** Who may call. */
export function checkAccess(settings: Settings, tokens: readonly TokenRecord[]): CheckResult[] {
  const { host, oauth, secretKeys: keys, secretKeyFile, dataDir } = settings;
  const how =
    tokens.length > 0 ? `${tokens.length} tokens` : oauth ? `tokens of ${oauth.issuer}` : 'no tokens';
  const results: CheckResult[] = [
    ...expiringTokens(tokens),
    isLoopback(host) || tokens.length > 0 || oauth
      ? ok('access', `the API listens on ${host}, ${how}`)
      : failed(
          'access',
          `the API would listen on ${host}, and there are no tokens, so it will not start`,
          'Create one with nmcp-admin token create, or set HOST to 127.0.0.1',
        ),
  ];
  try {
    if (existingKeys(settings) === undefined)
      return [...results, ok('secret key', `none yet: the first start makes ${secretKeyFile}`)];
    const isShared = !isLoopback(host) || tokens.length > 0 || oauth !== undefined;
    const isBeside = isShared && keys === undefined && resolve(secretKeyFile).startsWith(resolve(dataDir));
    results.push(
      isBeside
        ? warning(
            'secret key',
            `${secretKeyFile} is stored beside the data that it protects`,
            'Keep it elsewhere: in NMCP_SECRET_KEY, or a SECRET_KEY_FILE outside DATA_DIR',
          )
        : ok('secret key', keys === undefined ? secretKeyFile : 'from NMCP_SECRET_KEY'),
    );
  } catch (error) {
    results.push(failed('secret key', messageOf(error), 'See the message'));
  }
  return results;
}

/** Milliseconds before the end of a token from which it is told of. */
const WARN_BEFORE_MS = 14 * 86_400_000;

function expiringTokens(tokens: readonly TokenRecord[]): CheckResult[] {
  const soon = new Date(Date.now() + WARN_BEFORE_MS).toISOString();
  const expiring = tokens.filter(({ expires_at }) => expires_at !== undefined && expires_at < soon);
  if (expiring.length === 0) return [];
  const named = expiring.map(
    ({ name, id, expires_at = '' }) => `${name} (${id}, ${expires_at.slice(0, 10)})`,
  );
  return [
    warning(
      'tokens',
      `they expire within two weeks, or have: ${named.join(', ')}`,
      'nmcp-admin token create makes new ones, token revoke removes the old',
    ),
  ];
}

/** Whether the audit log is intact. */
export async function checkAuditLog(settings: Settings, { audit }: State): Promise<CheckResult[]> {
  if (!(await audit.exists())) return [ok('audit log', 'nothing has been logged yet')];
  const keys = existingKeys(settings);
  if (keys === undefined)
    return [
      failed(
        'audit log',
        `${audit.name} was written with a secret key that is not there`,
        'Put back SECRET_KEY_FILE, or set NMCP_SECRET_KEY',
      ),
    ];
  const verdict = await verifyAuditLog(audit, { keys });
  return verdict.valid
    ? [ok('audit log', `${verdict.entries} entries, none tampered with`)]
    : [
        failed(
          'audit log',
          `line ${verdict.line}: ${verdict.why}`,
          'Find out who can write the file; compare it with the hashes in the server log (nmcp-admin audit verify --expect)',
        ),
      ];
}

/** Entries of scanners.yaml that servers pass over. What makes it unreadable is told by whoever opens it. */
export async function checkConfiguration(
  settings: Settings,
  environment: Environment,
): Promise<CheckResult[]> {
  const faults: CheckResult[] = [];
  await configuredPools(settings, environment, ({ error }) =>
    faults.push(failed('configuration', error.message, 'Correct it: servers start without this entry')),
  ).catch(() => {});
  return faults;
}
