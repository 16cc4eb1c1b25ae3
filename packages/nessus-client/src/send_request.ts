import type { createFetch, FetchOptions } from 'ofetch';
import type { CallContent, Method } from './call.ts';
import { errorOfConnection, NoAnswerError } from './errors.ts';

/** Where requests go. */
export interface RequestTarget {
  origin: string;
  fetch: ReturnType<typeof createFetch>;
  /** Milliseconds for an answer to begin, unless a call has its own. */
  timeoutMs: number;
}

/** Sends a request once. The answer has to begin in time; whoever reads its body has limits of its own. */
export async function sendRequest(
  { origin, fetch, timeoutMs: usualMs }: RequestTarget,
  method: Method,
  path: string,
  content: CallContent,
  headers: Record<string, string>,
): Promise<Response> {
  const endpoint = `${method} ${path}`;
  const limit = new AbortController();
  const timeoutMs = content.timeoutMs ?? usualMs;
  const timer = setTimeout(() => limit.abort(), timeoutMs);
  const fetchOptions: FetchOptions<'stream'> = {
    method,
    headers: { ...content.headers, ...headers, accept: 'application/json, */*' },
    ...(content.query ? { query: content.query } : {}),
    ...(content.body ? { body: content.body } : {}),
    ...(content.body instanceof ReadableStream ? { duplex: 'half' } : {}),
    signal: content.signal ? AbortSignal.any([content.signal, limit.signal]) : limit.signal,
    redirect: 'manual', // a redirect to another host would carry the credentials there
    responseType: 'stream',
    ignoreResponseError: true,
    retry: false,
  };
  try {
    return await fetch.raw(origin + path, fetchOptions);
  } catch (error) {
    if (content.signal?.aborted) throw content.signal.reason;
    if (limit.signal.aborted) {
      throw errorOfConnection(new NoAnswerError(`no answer within ${timeoutMs} ms`), origin, endpoint);
    }
    throw errorOfConnection(error, origin, endpoint);
  } finally {
    clearTimeout(timer);
  }
}
