import type { Scanner } from '@nmcp/types';
import type { ScannerConfig } from './scanner_config.ts';

/** An adapter in use. */
export interface BorrowedScanner {
  scanner: Scanner;
  giveBack(): Promise<void>;
}

interface Adapter {
  scanner: Scanner;
  users: number;
  isCurrent: boolean;
}

/**
 * Adapters by what they were configured with. When a scanner's address or login changes, those who use the old adapter
 * keep it, and the last of them closes it.
 */
export class AdapterShelf {
  readonly #make: (config: ScannerConfig) => Scanner;
  /** Scanner's key to the adapter of its present configuration. */
  readonly #current = new Map<string, { content: string; adapter: Adapter }>();

  constructor(make: (config: ScannerConfig) => Scanner) {
    this.#make = make;
  }

  borrow(config: ScannerConfig): BorrowedScanner {
    const adapter = this.#adapterOf(config);
    adapter.users++;
    let isBack = false;
    return {
      scanner: adapter.scanner,
      giveBack: async () => {
        if (isBack) return;
        isBack = true;
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
    const key = `${config.pool}:${config.instance_id}`;
    const { scanner_type, url, auth, tls } = config;
    const content = JSON.stringify([scanner_type, url, auth, tls]);
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
