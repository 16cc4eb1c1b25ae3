import { randomBytes } from 'node:crypto';
import { type Outputs, replacedOutputs, type StoredTexts } from '../outputs.ts';
import type { InventoryStore, OutputsPlace, StoredOutputs } from '../store/inventory_store.ts';

/** Bytes that are written at a time. */
const MOST_WAITING = 1 << 22;

/** Writes what findings said while a change is worked out, so that it is not in memory until the change is committed. */
export class OutputStage {
  readonly #store: Pick<InventoryStore, 'outputsOf' | 'stageOutputs'>;
  readonly #change = randomBytes(9).toString('base64url');
  #known: ReadonlyMap<number, Uint8Array> = new Map();
  #rows: StoredOutputs[] = [];
  #waiting = 0;

  constructor(store: Pick<InventoryStore, 'outputsOf' | 'stageOutputs'>) {
    this.#store = store;
  }

  /** Reads what was known of the next assets. */
  async next(assets: readonly OutputsPlace[]): Promise<ReadonlyMap<number, Uint8Array>> {
    this.#known = await this.#store.outputsOf(assets);
    return this.#known;
  }

  /** Whether enough is waiting to be written. */
  get isFull(): boolean {
    return this.#waiting > MOST_WAITING;
  }

  async flush(): Promise<void> {
    const rows = this.#rows;
    [this.#rows, this.#waiting] = [[], 0];
    await this.#store.stageOutputs(rows);
  }

  /**
   * Outputs of an asset of {@linkcode next}, after something was said.
   *
   * @returns which of them count, as the asset names it
   */
  put({ id, outputs }: OutputsPlace, after: (known: StoredTexts) => Outputs): string {
    const texts = replacedOutputs(this.#known.get(id), after);
    if (!texts) return outputs;
    if (texts.length === 0) return '';
    this.#rows.push({ asset: id, change: this.#change, texts });
    this.#waiting += texts.length;
    return this.#change;
  }
}
