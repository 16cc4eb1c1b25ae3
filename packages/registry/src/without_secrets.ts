/** Fields of credentials that are secrets. */
const SECRET = /password|passphrase|secret|hash|key/i;
/** Shorter ones stand in too many words by chance. */
const MIN_LENGTH = 3;

/**
 * An error without the secrets of the request that it is about: what a scanner says of a request can repeat it, and errors go to
 * answers, files and logs.
 */
export function withoutSecrets(error: unknown, credentials: object | undefined): unknown {
  const secrets = secretsOf(credentials).sort((a, b) => b.length - a.length);
  for (let cause = error; secrets.length > 0 && cause instanceof Error; cause = cause.cause) {
    cause.message = censored(cause.message, secrets);
    if (cause.stack !== undefined) cause.stack = censored(cause.stack, secrets);
    if ('title' in cause && typeof cause.title === 'string')
      Object.assign(cause, { title: censored(cause.title, secrets) });
    if ('body' in cause) Object.assign(cause, { body: undefined });
  }
  return error;
}

function censored(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (kept, secret) =>
      [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)].reduce(
        (rest, form) => rest.replaceAll(form, '[secret]'),
        kept,
      ),
    text,
  );
}

function secretsOf(value: unknown, name = ''): string[] {
  if (typeof value === 'string') return SECRET.test(name) && value.length >= MIN_LENGTH ? [value] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([field, each]) => secretsOf(each, field));
}
