import { ownText } from './xml/own_text.ts';

const encoder = new TextEncoder();

/** Bytes of a board. */
const BOARD = 262_144;
/** Characters of a text that is likely to come again. */
const SHORT = 64;
const MAX_SHARED = 1000;

/** Keeps many texts in UTF-8, in few buffers: a buffer of its own costs more than what is in it. Short texts that are the same are kept once. */
export class ByteShelf {
  #board = new Uint8Array(0);
  #used = 0;
  readonly #shared = new Map<string, Uint8Array>();

  /** A text's bytes. */
  add(text: string): Uint8Array {
    return text.length > SHORT ? this.#put(text) : (this.#shared.get(text) ?? this.#share(text));
  }

  #share(text: string): Uint8Array {
    const bytes = this.#put(text);
    if (this.#shared.size < MAX_SHARED) this.#shared.set(ownText(text), bytes);
    return bytes;
  }

  #put(text: string): Uint8Array {
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
