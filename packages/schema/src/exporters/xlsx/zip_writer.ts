import { Zip, ZipPassThrough } from 'fflate';

/** Characters that are compressed together. */
const BLOCK = 131_072;
/** Blocks that wait for their compression at most, when what is done is taken away. */
const MAX_WAITING = 4;

const encoder = new TextEncoder();

/** Writes a ZIP archive of texts, one after the other; what is done can be taken away at any time. */
export class ZipWriter {
  readonly #zip: Zip;
  #done: Uint8Array[] = [];
  #file: CompressedFile | undefined;
  /** Compression of blocks, oldest first. */
  #waiting: Promise<void>[] = [];
  #block = '';
  readonly #files: Promise<void>[] = [];
  #hasEnded = false;

  constructor() {
    this.#zip = new Zip((error, chunk) => {
      if (error) throw error;
      this.#done.push(chunk);
    });
  }

  /** Begins a file; the one before is complete. */
  begin(name: string): void {
    this.#close();
    this.#file = new CompressedFile(name);
    this.#zip.add(this.#file);
    this.#files.push(this.#file.done);
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
    this.#hasEnded = true;
  }

  /** What was done since the last call; when the archive was ended, all that is left. */
  async take(): Promise<Uint8Array[]> {
    await (this.#hasEnded ? Promise.all(this.#files) : this.#waiting.at(-MAX_WAITING));
    this.#waiting = this.#waiting.slice(-MAX_WAITING);
    const done = this.#done;
    this.#done = [];
    return done;
  }

  #close(): void {
    this.#compress(true);
  }

  #compress(isLast: boolean): void {
    if (!this.#file) return;
    this.#file.push(encoder.encode(this.#block), isLast);
    this.#waiting.push(this.#file.compressed);
    this.#block = '';
  }
}

/** A file of an archive, which the platform compresses while its next parts are written. */
class CompressedFile extends ZipPassThrough {
  override compression = 8; // DEFLATE
  /** All of it. */
  readonly done: Promise<void>;
  /** What was pushed last. */
  compressed: Promise<void> = Promise.resolve();
  readonly #stream = new CompressionStream('deflate-raw');
  readonly #writer = this.#stream.writable.getWriter();

  constructor(name: string) {
    super(name);
    this.mtime = '1980-01-01T00:00:00'; // the same input makes the same archive
    this.done = this.#passOn();
  }

  protected override process(chunk: Uint8Array<ArrayBuffer>, isLast: boolean): void {
    this.compressed = this.#writer.write(chunk);
    if (isLast) this.compressed = this.#writer.close();
  }

  async #passOn(): Promise<void> {
    const reader = this.#stream.readable.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read())
      this.ondata(null, read.value, false);
    this.ondata(null, new Uint8Array(0), true);
  }
}
