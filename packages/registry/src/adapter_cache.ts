import type { Scanner } from '@nmcp/types';
import { keyOf, type ScannerConfig } from './scanner_config.ts';

/** An adapter in use. */
export interface AcquiredAdapter {
  scanner: Scanner;
  /** Idempotent. */
  release(): Promise<void>;
}

interface Adapter {
  scanner: Scanner;
  users: number;
  isCurrent: boolean;
}

/**
 * Adapters by what they were configured with, counting who uses each. When a scanner's address or login changes, those who use the old adapter
 * keep it, and the last of them closes it.
 */
export class AdapterCache {
  readonly #make: (config: ScannerConfig) => Scanner;
  /** The adapter of each scanner's current configuration, by the scanner's key. */
  readonly #current = new Map<string, { content: string; adapter: Adapter }>();

  constructor(make: (config: ScannerConfig) => Scanner) {
    this.#make = make;
  }

  acquire(config: ScannerConfig): AcquiredAdapter {
    const adapter = this.#adapterOf(config);
    adapter.users++;
    let isReleased = false;
    return {
      scanner: adapter.scanner,
      release: async () => {
        if (isReleased) return;
        isReleased = true;
        adapter.users--;
        await closeIfUnused(adapter);
      },
    };
  }

  async close(): Promise<void> {
    const adapters = [...this.#current.values()].map(({ adapter }) => adapter);
    this.#current.clear();
    await Promise.all(adapters.map((adapter) => adapter.scanner.close()));
  }

  #adapterOf(config: ScannerConfig): Adapter {
    const key = keyOf(config);
    const { scanner_type, url, auth, tls, scan, escalation, snmp_v3, limits } = config;
    const content = JSON.stringify([scanner_type, url, auth, tls, scan, escalation, snmp_v3, limits]);
    const known = this.#current.get(key);
    if (known?.content === content) return known.adapter;
    if (known) {
      known.adapter.isCurrent = false;
      void closeIfUnused(known.adapter);
    }
    const adapter = { scanner: this.#make(config), users: 0, isCurrent: true };
    this.#current.set(key, { content, adapter });
    return adapter;
  }
}

async function closeIfUnused(adapter: Adapter): Promise<void> {
  if (adapter.users === 0 && !adapter.isCurrent) await adapter.scanner.close();
}
