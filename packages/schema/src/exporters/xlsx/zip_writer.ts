import { type AsyncFlateStreamHandler, Zip, type ZipInputFile } from 'fflate';
import { joinBytes } from '../../join_bytes.ts';

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

/** Bytes of a gzip header without a name, and of what stands behind the data: its CRC-32 and its size. */
const [GZIP_HEAD, GZIP_TAIL] = [10, 8];

/**
 * A file of an archive, which the platform compresses while its next parts are written. It is asked for gzip, since it works out the
 * CRC-32 then, too.
 */
class CompressedFile implements ZipInputFile {
  readonly filename: string;
  readonly compression = 8; // DEFLATE
  readonly mtime = '1980-01-01T00:00:00'; // the same input makes the same archive
  size = 0;
  crc = 0;
  /** The archive's, as soon as the file is added. */
  ondata: AsyncFlateStreamHandler = () => {};
  /** All of it. */
  readonly done: Promise<void>;
  /** What was pushed last. */
  compressed: Promise<void> = Promise.resolve();
  readonly #stream = new CompressionStream('gzip');
  readonly #writer = this.#stream.writable.getWriter();

  constructor(filename: string) {
    this.filename = filename;
    this.done = this.#passOn();
  }

  push(chunk: Uint8Array<ArrayBuffer>, isLast: boolean): void {
    this.size += chunk.length;
    this.compressed = this.#writer.write(chunk);
    if (isLast) this.compressed = this.#writer.close();
  }

  async #passOn(): Promise<void> {
    const reader = this.#stream.readable.getReader();
    let ahead = GZIP_HEAD;
    /** The last bytes so far, which may be those behind the data. */
    let tail = new Uint8Array(0);
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      const skipped = Math.min(ahead, read.value.length);
      ahead -= skipped;
      const bytes = joinBytes(tail, read.value.subarray(skipped));
      const end = Math.max(0, bytes.length - GZIP_TAIL);
      tail = bytes.slice(end);
      if (end > 0) this.ondata(null, bytes.subarray(0, end), false);
    }
    this.crc = new DataView(tail.buffer).getUint32(0, true);
    this.ondata(null, new Uint8Array(0), true);
  }
}
