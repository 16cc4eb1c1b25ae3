/** Batches that may be on their way at a time. */
const MAX_UNDER_WAY = 3;
/** Calls of a batch from which on its answers are handed out in two parts. */
const MIN_TO_PART = 12;

interface Caller<Result> {
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Gathers calls that come while earlier ones are on their way, and makes them together. A call that comes alone goes at
 * once, so nothing waits for company.
 *
 * Callers that go on in step would leave the server idle while they run, and be idle while it works. So the answers of a
 * large batch are handed out in two parts: what the first part asks for next is on its way when the second goes on.
 */
export class Batcher<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #maxItems: number;
  /** Calls that wait, and who made each of them. */
  #items: Item[] = [];
  #callers: Caller<Result>[] = [];
  #underWay = 0;
  #isScheduled = false;

  /** @param run makes the calls, and answers a result for each in their order */
  constructor(run: (items: readonly Item[]) => Promise<readonly Result[]>, maxItems = 128) {
    this.#run = run;
    this.#maxItems = maxItems;
  }

  call(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#items.push(item);
      this.#callers.push({ resolve, reject });
      this.#schedule();
    });
  }

  /** A batch goes when all promises that can go on have gone on: it has every call that one answer sets off. */
  #schedule(): void {
    if (this.#isScheduled || this.#underWay >= MAX_UNDER_WAY || this.#items.length === 0) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      void this.#send();
    });
  }

  async #send(): Promise<void> {
    const items = this.#items.splice(0, this.#maxItems);
    const callers = this.#callers.splice(0, this.#maxItems);
    this.#underWay++;
    this.#schedule();
    try {
      const results = await this.#run(items);
      const isServerIdle = this.#underWay === 1;
      const first = isServerIdle && items.length >= MIN_TO_PART ? items.length >> 1 : items.length;
      const handOut = (from: number, to: number): void => {
        for (let i = from; i < to; i++) callers[i]?.resolve(results[i] as Result); // one for each item
      };
      handOut(0, first);
      // the client library writes at the end of this turn what the first part asks for
      if (first < items.length) setImmediate(() => setImmediate(() => handOut(first, items.length)));
    } catch (error) {
      for (const { reject } of callers) reject(error);
    } finally {
      this.#underWay--;
      this.#schedule();
    }
  }
}
