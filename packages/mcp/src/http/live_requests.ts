import type { Writable } from 'node:stream';

/** Milliseconds between two looks whether those who hold open requests may still. */
const LOOK_MS = 1000;

interface OpenRequest {
  outgoing: Writable;
  mayGoOn: () => Promise<boolean>;
}

/**
 * Requests that are open: streams, waits, long answers. When a token is revoked, expires or is reduced, those of its holder end
 * within two seconds.
 */
export class LiveRequests {
  readonly #open = new Set<OpenRequest>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param mayGoOn asked again and again whether its caller still may what he might when it began */
  watch(outgoing: Writable, mayGoOn: () => Promise<boolean>): void {
    const request = { outgoing, mayGoOn };
    this.#open.add(request);
    outgoing.once('close', () => this.#end(request));
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  #end(request: OpenRequest): void {
    this.#open.delete(request);
    if (this.#open.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    // who cannot be asked, as an authorization server that is away, has not said no
    for (const { outgoing, mayGoOn } of [...this.#open])
      if (!(await mayGoOn().catch(() => true))) outgoing.destroy();
  }
}
