import type { TextChunk } from './decode_bytes.ts';

/** Which byte of the document each character of a buffer was, by the chunks that the buffer was made of. */
export class BytePositions {
  /** Each with the index of its first character. */
  #chunks: { start: number; chunk: TextChunk }[] = [];

  /** Drops the text before an index of the buffer, and adds a chunk behind the rest of so many characters. */
  replace(index: number, rest: number, chunk: TextChunk): void {
    this.#chunks = rest === 0 ? [] : this.#from(index);
    this.#chunks.push({ start: rest, chunk });
  }

  /** The byte at which a character of the buffer began. */
  at(index: number): number {
    const found = this.#chunks.findLast(({ start }) => start <= index) ?? this.#chunks[0];
    return found ? found.chunk.byteAt(index - found.start) : 0;
  }

  /** Chunks that reach beyond an index, when the text before it is dropped. */
  #from(index: number): { start: number; chunk: TextChunk }[] {
    return this.#chunks
      .filter(({ start, chunk }) => start + chunk.text.length > index)
      .map(({ start, chunk }) => ({ start: start - index, chunk }));
  }
}
