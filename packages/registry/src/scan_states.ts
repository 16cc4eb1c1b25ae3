import { getScanList, type NessusClient } from '@nmcp/nessus-client';

/** Above so many scans, only those that changed are asked for, and all of them from time to time. */
const MANY = 1000;
const ALL_EVERY_MS = 600_000;
/** Seconds before the scanner's time of the last list from which changes are asked for again. */
const OVERLAP_S = 60;

/**
 * What the scanner's list says of its scans, in a few hundred bytes each: asked for once for all that ask at about the same
 * time.
 */
export class ScanStates {
  readonly #client: NessusClient;
  #words = new Map<number, string>();
  #askedAt = Number.NEGATIVE_INFINITY;
  #allAt = Number.NEGATIVE_INFINITY;
  /** Unix seconds, by the scanner's clock. */
  #timestamp: number | undefined;
  #asking: Promise<void> | undefined;

  constructor(client: NessusClient) {
    this.#client = client;
  }

  /**
   * The status word of a scan.
   *
   * @param maxAgeMs how old the list may be
   * @returns undefined when the list does not have it
   */
  async wordOf(scanId: number, maxAgeMs: number): Promise<string | undefined> {
    // a list that was asked for before the question may have been made before what the question is about
    if (performance.now() - this.#askedAt > maxAgeMs) {
      this.#asking ??= this.#ask().finally(() => {
        this.#asking = undefined;
      });
      await this.#asking;
    }
    return this.#words.get(scanId);
  }

  async #ask(): Promise<void> {
    const askedAt = performance.now();
    const asksAll =
      this.#words.size < MANY || this.#timestamp === undefined || askedAt - this.#allAt > ALL_EVERY_MS;
    const modifiedSince = asksAll ? undefined : (this.#timestamp ?? 0) - OVERLAP_S;
    const { scans, timestamp } = await getScanList(this.#client, { modifiedSince });
    if (asksAll) {
      this.#words = new Map();
      this.#allAt = askedAt;
    }
    for (const { id, status } of scans) this.#words.set(id, status);
    this.#timestamp = timestamp ?? undefined;
    this.#askedAt = askedAt;
  }
}
