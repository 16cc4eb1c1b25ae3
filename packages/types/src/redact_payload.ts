const SECRET_NAME = /pass|secret|token|private_key|credential/i;

/**
 * A copy of a task's payload that may be shown: whatever can hold a secret is replaced by a word.
 *
 * @example
 * ```ts
 * import { redactPayload } from '@nmcp/types';
 *
 * const shown = redactPayload({ targets: '10.0.0.1', credentials: { password: 'hunter2' } });
 * console.assert(shown.credentials === '[redacted]');
 * ```
 */
export function redactPayload(payload: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(payload).map(([key, value]) => [
      key,
      SECRET_NAME.test(key) && value != null ? '[redacted]' : redactNested(value),
    ]),
  );
}

function redactNested(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactNested);
  // JSON has no other objects than records
  if (typeof value === 'object' && value !== null) return redactPayload(value as Record<string, unknown>);
  return value;
}
