import { isNmcpError, messageOf, NmcpError } from '@nmcp/types';

/** What errors name. */
interface Named {
  where: string;
  setting: string;
  holds: string;
}

type Meaning = readonly [RegExp, 'unavailable' | 'storage' | 'invalid_config', (named: Named) => string];

/** Classes of PostgreSQL's codes, and what they mean. */
const CODES: readonly Meaning[] = [
  [
    /^(28|3D|3F)/,
    'invalid_config',
    ({ setting }) => `refuses the user, the password or the database of ${setting}`,
  ],
  [
    /^42501/,
    'invalid_config',
    ({ setting }) => `does not let the user of ${setting} make or change its tables`,
  ],
  [/^53100/, 'storage', () => 'is full'],
  [/^25006/, 'storage', () => 'is read-only'],
  [/^53300/, 'unavailable', () => 'takes no more connections'],
  [/^(57014)/, 'unavailable', () => 'takes too long to answer'],
  [/^(08|57P|40|53)/, 'unavailable', () => 'does not answer'],
  [/^ERR_TLS_CERT_ALTNAME/, 'invalid_config', () => 'has a certificate for another name'],
  [/^CERT_HAS_EXPIRED/, 'invalid_config', () => 'has a certificate that has expired'],
  [
    /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|CERT_|ERR_TLS|ERR_SSL)/,
    'invalid_config',
    ({ setting }) => `has a certificate that is not trusted: give its CA as sslrootcert=FILE in ${setting}`,
  ],
  [/^E[A-Z]+$/, 'unavailable', () => 'does not answer'],
];

/** Words of the driver, which has no codes. */
const WORDS: readonly Meaning[] = [
  [
    /does not support SSL/i,
    'invalid_config',
    ({ setting }) => `has no TLS, which ${setting} asks for by sslmode`,
  ],
  [
    /password must be a string|SASL/i,
    'invalid_config',
    ({ setting }) => `asks for a password, and ${setting} has none, or another one`,
  ],
  [/timeout|terminated|Connection|ended/i, 'unavailable', () => 'does not answer'],
];

/** Says what an error of the driver means; `undefined` for a fault of ours. */
export function explainPostgresError(error: unknown, named: Named): NmcpError | undefined {
  if (isNmcpError(error)) return error;
  const {
    code: given,
    path,
    syscall,
  } = (error ?? {}) as { code?: unknown; path?: unknown; syscall?: unknown };
  const code = String(given ?? '');
  if (syscall === 'open')
    return new NmcpError('invalid_config', `${named.setting}: ${String(path)} cannot be read (${code})`, {
      cause: error,
    });
  const meant =
    CODES.find(([pattern]) => pattern.test(code)) ??
    WORDS.find(([pattern]) => code === '' && pattern.test(messageOf(error)));
  if (!meant) return undefined;
  const [, kind, say] = meant;
  return new NmcpError(kind, `${named.holds}: PostgreSQL at ${named.where} ${say(named)}`, {
    cause: error,
    ...(kind === 'unavailable' ? { title: AWAY } : {}),
  });
}

const AWAY = 'Database unavailable';

/** Whether an error says that a database is away, which may pass. */
export function isDatabaseAway(error: unknown): error is NmcpError {
  return isNmcpError(error, 'unavailable') && error.title === AWAY;
}
