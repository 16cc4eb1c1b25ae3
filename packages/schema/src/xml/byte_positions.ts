import type { TextChunk } from './decode_bytes.ts';

/** A chunk of a buffer, and the index of its first character, which is below 0 when the text before it was dropped. */
interface PlacedChunk {
  start: number;
  chunk: TextChunk;
}

/** Which byte of the document each character of a buffer was, by the chunks that the buffer was made of. */
export class BytePositions {
  #chunks: PlacedChunk[] = [];

  /** Drops the text before an index of the buffer, and adds a chunk behind the rest of so many characters. */
  replace(index: number, rest: number, chunk: TextChunk): void {
    const chunks = [{ start: rest, chunk }];
    if (rest > 0) this.#keep(index, chunks);
    this.#chunks = chunks;
  }

  /** The byte at which a character of the buffer began. */
  at(index: number): number {
    const found = this.#chunks.findLast(({ start }) => start <= index) ?? this.#chunks[0];
    return found ? found.chunk.byteAt(index - found.start) : 0;
  }

  /** Puts before others the chunks that reach beyond an index, when the text before it is dropped. */
  #keep(index: number, others: PlacedChunk[]): void {
    const kept = this.#chunks.filter(({ start, chunk }) => start + chunk.text.length > index);
    others.unshift(...kept.map(({ start, chunk }) => ({ start: start - index, chunk })));
  }
}
