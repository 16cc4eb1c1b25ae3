/** Thrown when a body is longer than it may be. */
export class BodyTooLargeError extends Error {}

/**
 * Reads a body as text, up to a limit.
 *
 * @throws {BodyTooLargeError} as soon as the limit is passed; the rest is not read.
 */
export async function readLimited(
  body: ReadableStream<Uint8Array> | null | undefined,
  maxBytes: number,
): Promise<string> {
  if (!body) return '';
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > maxBytes) {
      await reader.cancel();
      throw new BodyTooLargeError(`The answer is longer than ${maxBytes} bytes`);
    }
    text += decoder.decode(part.value, { stream: true });
  }
  return text + decoder.decode();
}
