/** Fields of credentials that are secrets. */
const SECRET = /password|passphrase|secret|hash|key|token/i;
/** Shorter ones stand in too many words by chance. */
const MIN_LENGTH = 3;

/**
 * An error without the secrets of the request that it is about: what a scanner says of a request can repeat it, and errors go to
 * answers, files and logs.
 */
export function withoutSecrets(error: unknown, request: object): unknown {
  const secrets = secretsOf(request).sort((a, b) => b.length - a.length);
  for (let cause = error; secrets.length > 0 && cause instanceof Error; cause = cause.cause) {
    for (const field of ['message', 'stack', 'title'] as const) {
      const said: unknown = Reflect.get(cause, field);
      const kept = typeof said === 'string' ? censored(said, secrets) : said;
      if (kept !== said) Object.assign(cause, { [field]: kept }); // some errors cannot be changed, and hold nothing
    }
    // what an answer said can decide what is done, so it stays unless it repeats a secret
    if ('body' in cause && cause.body !== undefined) {
      const said = JSON.stringify(cause.body);
      if (censored(said, secrets) !== said) Object.assign(cause, { body: undefined });
    }
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
