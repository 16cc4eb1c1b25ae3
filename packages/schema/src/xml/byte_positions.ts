import type { TextChunk } from './decode_bytes.ts';

/** A chunk, and how many characters of the document came before it. */
interface PlacedChunk {
  start: number;
  chunk: TextChunk;
}

/** Which byte of the document each character of a buffer was, by the chunks that the buffer was made of. */
export class BytePositions {
  readonly #chunks: PlacedChunk[] = [];
  /** Characters of the document before the buffer. */
  #dropped = 0;

  /** Drops the text before an index of the buffer, and adds a chunk behind the rest of so many characters. */
  replace(index: number, rest: number, chunk: TextChunk): void {
    this.#dropped += index;
    const gone = this.#chunks.findIndex((placed) => placed.start + placed.chunk.text.length > this.#dropped);
    this.#chunks.splice(0, gone < 0 ? this.#chunks.length : gone);
    this.#chunks.push({ start: this.#dropped + rest, chunk });
  }

  /** The byte at which a character of the buffer began. */
  at(index: number): number {
    const place = this.#dropped + index;
    const found = this.#chunks.findLast(({ start }) => start <= place) ?? this.#chunks[0];
    return found ? found.chunk.byteAt(place - found.start) : 0;
  }
}
