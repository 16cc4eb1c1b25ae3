import type { SlotLeases } from './task_queue.ts';

/** Milliseconds for which a worker is taken to be there after it said so. */
const PRESENT_MS = 45_000;
/** Milliseconds after which it says so again. */
const SAY_MS = 15_000;
/** Workers of a pool that are counted. */
const MANY = 10_000;

/** The place that workers of a pool hold, as tasks hold slots of scanners. */
function placeOf(pool: string): string {
  return `worker@${pool}`;
}

/** Lets others see that a worker takes tasks of some pools. */
export class WorkerPresence {
  readonly #slots: SlotLeases;
  readonly #consumer: string;
  #pools: readonly string[] = [];
  #saidAt = Number.NEGATIVE_INFINITY;

  constructor(slots: SlotLeases, consumer: string) {
    this.#slots = slots;
    this.#consumer = consumer;
  }

  /** Says it, when it was not said just now. @throws {NmcpError} `unavailable` */
  async say(pools: readonly string[]): Promise<void> {
    const isSame = pools.length === this.#pools.length && pools.every((pool, i) => pool === this.#pools[i]);
    if (isSame && performance.now() - this.#saidAt < SAY_MS) return;
    const gone = this.#pools.filter((pool) => !pools.includes(pool));
    await Promise.all(
      pools.map((pool) => this.#slots.acquire(placeOf(pool), this.#consumer, MANY, PRESENT_MS)),
    );
    await Promise.all(gone.map((pool) => this.#slots.release(placeOf(pool), this.#consumer)));
    this.#pools = pools;
    this.#saidAt = performance.now();
  }

  /** Says that it takes none any more. */
  async end(): Promise<void> {
    const pools = this.#pools;
    this.#pools = [];
    await Promise.all(pools.map((pool) => this.#slots.release(placeOf(pool), this.#consumer)));
  }
}

/** How many workers take tasks of each of these pools now. @throws {NmcpError} `unavailable` */
export async function countWorkers(
  slots: Pick<SlotLeases, 'usage'>,
  pools: readonly string[],
): Promise<number[]> {
  return (await slots.usage(pools.map(placeOf))).map(({ active }) => active);
}
