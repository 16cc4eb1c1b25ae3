const encoder = new TextEncoder();

/** Bytes of a board. */
const BOARD = 262_144;

/** Keeps many short texts in UTF-8, in few buffers: a buffer of its own costs more than what is in it. */
export class ByteShelf {
  #board = new Uint8Array(0);
  #used = 0;

  /** A text's bytes. */
  add(text: string): Uint8Array {
    const most = text.length * 3; // what UTF-8 takes at most for a UTF-16 unit
    if (this.#board.length - this.#used < most) {
      this.#board = new Uint8Array(Math.max(most, BOARD));
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += encoder.encodeInto(text, this.#board.subarray(start)).written;
    return this.#board.subarray(start, this.#used);
  }
}
