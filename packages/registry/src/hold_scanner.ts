import type { CircuitBreakers, CircuitOptions, SlotLeases } from '@nmcp/queue';
import type { AdapterCache } from './adapter_cache.ts';
import { keyOf, type ScannerConfig } from './scanner_config.ts';
import type { AcquiredScanner } from './scanner_registry.ts';

/** What {@linkcode holdScanner} works with. */
export interface HoldContext {
  slots: SlotLeases;
  circuits: CircuitBreakers;
  circuit: CircuitOptions;
  adapters: AdapterCache;
}

/**
 * Takes a slot on a scanner, with an adapter to use it.
 *
 * @returns undefined when no slot is free, or the scanner's circuit breaker is open
 */
export async function holdScanner(
  config: ScannerConfig,
  holder: string,
  leaseMs: number,
  { slots, circuits, circuit, adapters }: HoldContext,
): Promise<AcquiredScanner | undefined> {
  const key = keyOf(config);
  const take = (ms: number): Promise<boolean> => slots.acquire(key, holder, config.max_concurrent_scans, ms);
  if (!(await take(leaseMs))) return undefined;
  if (!(await circuits.allow(key, circuit))) {
    await slots.release(key, holder);
    return undefined;
  }
  const adapter = adapters.acquire(config);
  return {
    config,
    scanner: adapter.scanner,
    renew: take,
    release: async () => {
      await adapter.release();
      await slots.release(key, holder);
    },
  };
}
