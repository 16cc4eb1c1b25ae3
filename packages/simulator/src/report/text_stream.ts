const CHUNK_LENGTH = 65_536;

/** A stream of UTF-8 that asks for text only as fast as it is read. */
export function textStream(pieces: Iterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      let text = '';
      while (text.length < CHUNK_LENGTH) {
        const piece = pieces.next();
        if (piece.done) {
          if (text !== '') controller.enqueue(encoder.encode(text));
          controller.close();
          return;
        }
        text += piece.value;
      }
      controller.enqueue(encoder.encode(text));
    },
  });
}
