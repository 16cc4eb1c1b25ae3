import { hashText } from '@nmcp/schema';
import { GrowingColumn } from './growing_column.ts';

/** Kinds of one host that are remembered; of a host with more, later doubles of the first ones are not seen. */
const MAX_KINDS = 20_000;

/**
 * Finds findings that share their host, port, protocol, plugin and check with others of their host, so that their outputs tell them
 * apart. They are few.
 */
export class SeveralFindings {
  /** Numbers of those findings, and for each the last 32 bits of a hash of its output. */
  readonly rows: GrowingColumn = new GrowingColumn();
  readonly hashes: GrowingColumn = new GrowingColumn();
  #first = new Map<number, { row: number; output: string | undefined } | 'told'>();

  /** The findings that follow are another host's. */
  nextHost(): void {
    this.#first = new Map(); // a map that is kept grows old, and all texts that were ever in it with it
  }

  add(kind: number, row: number, output: string | undefined): void {
    const first = this.#first.get(kind);
    if (first === undefined) {
      if (this.#first.size < MAX_KINDS) this.#first.set(kind, { row, output });
      return;
    }
    if (first !== 'told') {
      this.#push(first.row, first.output);
      this.#first.set(kind, 'told');
    }
    this.#push(row, output);
  }

  #push(row: number, output: string | undefined): void {
    this.rows.push(row);
    this.hashes.push(outputHash(output));
  }
}

/** What tells apart findings of one kind on one host. */
export function outputHash(output: string | null | undefined): number {
  return hashText(output ?? '') >>> 0;
}
