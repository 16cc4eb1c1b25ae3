import type { ScannerReadiness } from '@nmcp/types';
import type { AcquiredAdapter } from './adapter_cache.ts';
import { keyOf, type ScannerConfig } from './scanner_config.ts';

/** Milliseconds for which an answer serves; a licence changes seldom. */
const KNOWN_MS = 300_000;
/** The same for one that loads, or did not answer. */
const UNSURE_MS = 15_000;
/** Milliseconds that a submission waits for the answer at most. */
const PATIENCE_MS = 1500;

interface Known {
  readiness: ScannerReadiness | undefined;
  until: number;
}

/** Whether scanners can start scans, as they said some time ago; one that does not answer is not known to be unable. */
export class ReadinessCache {
  readonly #acquire: (config: ScannerConfig) => AcquiredAdapter;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<ScannerReadiness | undefined>>();

  constructor(acquire: (config: ScannerConfig) => AcquiredAdapter) {
    this.#acquire = acquire;
  }

  /** What is known without asking. */
  peek(config: ScannerConfig): ScannerReadiness | undefined {
    return this.#known.get(contentOf(config))?.readiness;
  }

  async of(config: ScannerConfig): Promise<ScannerReadiness | undefined> {
    const key = contentOf(config);
    const known = this.#known.get(key);
    if (known && performance.now() < known.until) return known.readiness;
    const asking = this.#asking.get(key) ?? this.#ask(config, key).finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return await asking;
  }

  async #ask(config: ScannerConfig, key: string): Promise<ScannerReadiness | undefined> {
    const readiness = await this.#askOnce(config);
    const isSure = readiness !== undefined && !readiness.isLoading;
    this.#known.set(key, { readiness, until: performance.now() + (isSure ? KNOWN_MS : UNSURE_MS) });
    return readiness;
  }

  async #askOnce(config: ScannerConfig): Promise<ScannerReadiness | undefined> {
    const adapter = this.#acquire(config);
    try {
      return await adapter.scanner.readiness({ signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch {
      return undefined;
    } finally {
      await adapter.release();
    }
  }
}

/** Another address or login can be another scanner. */
function contentOf(config: ScannerConfig): string {
  return JSON.stringify([keyOf(config), config.url, config.auth]);
}
