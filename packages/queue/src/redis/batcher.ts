/** Batches that may be on their way at a time. */
const MAX_UNDER_WAY = 3;

/**
 * Gathers calls that come while earlier ones are on their way, and makes them together. A call that comes alone goes at
 * once, so nothing waits for company.
 */
export class Batcher<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #maxItems: number;
  #waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  #underWay = 0;
  #isScheduled = false;

  /** @param run makes the calls, and answers a result for each in their order */
  constructor(run: (items: readonly Item[]) => Promise<readonly Result[]>, maxItems = 128) {
    this.#run = run;
    this.#maxItems = maxItems;
  }

  call(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Calls of one turn of the event loop go together: those that answers which came together set off are among them. */
  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= MAX_UNDER_WAY) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#maxItems);
    if (batch.length === 0) return;
    this.#underWay++;
    if (this.#waiting.length > 0) this.#schedule();
    try {
      const results = await this.#run(batch.map(({ item }) => item));
      for (const [i, { resolve }] of batch.entries()) resolve(results[i] as Result); // one for each item
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      this.#underWay--;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
}
