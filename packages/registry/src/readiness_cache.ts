import { messageOf, type ScannerReadiness } from '@nmcp/types';
import type { AcquiredAdapter } from './adapter_cache.ts';
import { keyOf, type ScannerConfig } from './scanner_config.ts';

/** Milliseconds for which an answer serves; a licence changes seldom. */
const KNOWN_MS = 300_000;
/** The same for one that loads, or did not answer. */
const UNSURE_MS = 15_000;
/** Milliseconds that a submission waits for the answer at most. */
const PATIENCE_MS = 1500;

/** What a scanner said when it was asked whether it can start scans. */
export type ReadinessAnswer =
  | { readonly readiness: ScannerReadiness; readonly problem?: undefined }
  | { readonly readiness?: undefined; readonly problem: string };

interface Known {
  answer: ReadinessAnswer;
  until: number;
}

/** Whether scanners can start scans, as they said some time ago; one that does not answer is not known to be unable. */
export class ReadinessCache {
  readonly #acquire: (config: ScannerConfig) => AcquiredAdapter;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<ReadinessAnswer>>();

  constructor(acquire: (config: ScannerConfig) => AcquiredAdapter) {
    this.#acquire = acquire;
  }

  /** What is known without asking. */
  peek(config: ScannerConfig): ScannerReadiness | undefined {
    return this.#known.get(contentOf(config))?.answer.readiness;
  }

  async of(config: ScannerConfig): Promise<ReadinessAnswer> {
    const key = contentOf(config);
    const known = this.#known.get(key);
    if (known && performance.now() < known.until) return known.answer;
    const asking = this.#asking.get(key) ?? this.#ask(config, key).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return await asking;
  }

  async #ask(config: ScannerConfig, key: string): Promise<ReadinessAnswer> {
    const answer = await this.#askOnce(config);
    const isSure = answer.readiness !== undefined && !answer.readiness.isLoading;
    this.#known.set(key, { answer, until: performance.now() + (isSure ? KNOWN_MS : UNSURE_MS) });
    return answer;
  }

  async #askOnce(config: ScannerConfig): Promise<ReadinessAnswer> {
    let adapter: AcquiredAdapter | undefined;
    try {
      adapter = this.#acquire(config);
      return { readiness: await adapter.scanner.readiness({ signal: AbortSignal.timeout(PATIENCE_MS) }) };
    } catch (error) {
      const problem = error instanceof DOMException ? `no answer within ${PATIENCE_MS} ms` : messageOf(error);
      return { problem };
    } finally {
      await adapter?.release();
    }
  }
}

/** Another address or login can be another scanner. */
function contentOf(config: ScannerConfig): string {
  return JSON.stringify([keyOf(config), config.url, config.auth]);
}
