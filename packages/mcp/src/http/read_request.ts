/** A request with its body, which is read once: copies of a stream cost more than the call. */
export interface ReadRequest {
  /** Its body has been consumed if `body` is present. */
  request: Request;
  /** The body as JSON; absent if there is none, or it is not JSON. */
  body: unknown;
}

/** Reads the JSON of a request. */
export async function readRequest(request: Request): Promise<ReadRequest> {
  if (request.method !== 'POST') return { request, body: undefined };
  const text = await request.text();
  try {
    return { request, body: JSON.parse(text) };
  } catch {
    const { url, method, headers } = request;
    return { request: new Request(url, { method, headers, body: text }), body: undefined }; // the SDK says what is wrong
  }
}
