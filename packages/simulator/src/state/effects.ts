/** What was done to a scan through the API. */
export interface Effect {
  /** Unix milliseconds. */
  at: number;
  what: 'created' | 'launched' | 'stopped' | 'deleted';
  scanId: number;
  /** The scan's, which says whose it is even when the scan is gone. */
  description: string;
  /** X-Request-Id of the call, where it has one: so a test knows which of its processes made it. */
  requestId?: string | undefined;
}

/** Effects that are remembered. */
const MAX_EFFECTS = 10_000;

/** What was done, oldest first. It outlives scans that were deleted. */
export class Effects {
  #list: Effect[];

  constructor(list: readonly Effect[] = []) {
    this.#list = [...list];
  }

  add(effect: Effect): void {
    this.#list.push(effect);
    if (this.#list.length > MAX_EFFECTS) this.#list = this.#list.slice(MAX_EFFECTS / 2);
  }

  list(): readonly Effect[] {
    return this.#list;
  }
}
