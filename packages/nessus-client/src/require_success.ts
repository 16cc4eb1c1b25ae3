import * as v from 'valibot';
import { errorOfStatus, NessusApiError } from './errors.ts';
import { readLimited } from './read_limited.ts';
import { retryAfterMs } from './retry.ts';

/** Passes on what is a success, and throws what any other status says. */
export async function requireSuccess(
  response: Response,
  endpoint: string,
  origin: string,
): Promise<Response> {
  if (response.ok) return response;
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    await response.body?.cancel();
    throw new NessusApiError(
      'scanner_error',
      `${endpoint} answered a redirect, which is not followed; is ${origin} the scanner's own address?`,
      response.status,
      endpoint,
    );
  }
  const said = await readLimited(response.body, 65_536).catch(() => '');
  const wait = retryAfterMs(response.headers.get('retry-after'), Date.now());
  const body = jsonOf(said);
  throw errorOfStatus(response.status, endpoint, errorText(body), { retryAfterMs: wait, body });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorText(body: unknown): string {
  const parsed = v.safeParse(v.looseObject({ error: v.string() }), body);
  return parsed.success ? parsed.output.error.slice(0, 300) : '';
}
