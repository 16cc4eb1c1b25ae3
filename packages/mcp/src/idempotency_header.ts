import { NmcpError } from '@nmcp/types';

const KEY_PATTERN = /^[\x21-\x7e]{1,200}$/;

/**
 * A request with the idempotency key of its header, if it has none itself. v3.0's clients send either.
 *
 * @throws {NmcpError} `invalid_input` for a header that is not a valid key, and for two different keys
 */
export function withHeaderKey<T extends { idempotency_key?: string | undefined }>(
  input: T,
  headers: Headers,
): T {
  const fromHeader = headers.get('x-idempotency-key') ?? undefined;
  if (fromHeader === undefined) return input;
  if (!KEY_PATTERN.test(fromHeader))
    throw invalid('X-Idempotency-Key: expected 1 to 200 printable characters without spaces');
  if (input.idempotency_key !== undefined && input.idempotency_key !== fromHeader)
    throw invalid(
      'The argument idempotency_key and the header X-Idempotency-Key differ; send one of them, or the same in both',
    );
  return { ...input, idempotency_key: fromHeader };
}

function invalid(message: string): NmcpError {
  return new NmcpError('invalid_input', message, { title: 'Invalid input' });
}
