import { Zip, ZipDeflate } from 'fflate';

/** Level of DEFLATE: a sheet repeats itself so much that more effort hardly makes it smaller. */
const LEVEL = 1;
/** Characters that are compressed together. */
const BLOCK = 131_072;

/** Writes a ZIP archive of texts, one after the other; what is done can be taken away at any time. */
export class ZipWriter {
  readonly #zip: Zip;
  readonly #encoder = new TextEncoder();
  #done: Uint8Array[] = [];
  #entry: ZipDeflate | undefined;
  #block = '';
  readonly #bytes = new Uint8Array(4 * BLOCK);

  constructor() {
    this.#zip = new Zip((error, chunk) => {
      if (error) throw error;
      this.#done.push(chunk);
    });
  }

  /** Begins a file; the one before is complete. */
  begin(name: string): void {
    this.#close();
    this.#entry = new ZipDeflate(name, { level: LEVEL });
    this.#entry.mtime = '1980-01-01T00:00:00'; // the same input makes the same archive
    this.#zip.add(this.#entry);
  }

  write(text: string): void {
    this.#block += text;
    if (this.#block.length < BLOCK) return;
    this.#compress(false);
  }

  /** Ends the archive. */
  end(): void {
    this.#close();
    this.#zip.end();
  }

  /** What was written since the last call. */
  take(): Uint8Array[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  #close(): void {
    this.#compress(true);
    this.#entry = undefined;
  }

  #compress(isLast: boolean): void {
    let rest = this.#block;
    this.#block = '';
    do {
      const { read, written } = this.#encoder.encodeInto(rest, this.#bytes);
      rest = rest.slice(read);
      this.#entry?.push(this.#bytes.slice(0, written), isLast && rest === '');
    } while (rest !== '');
  }
}
