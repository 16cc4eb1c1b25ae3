import type { CircuitBreakers, Drains, SlotLeases, SlotUsage } from '@nmcp/queue';
import { keyOf, type ScannerConfig } from './scanner_config.ts';

/** The load of the scanners, shared by all workers through the queue's store. */
export interface ScannerLoad {
  slots: SlotLeases;
  circuits: CircuitBreakers;
  drains: Drains | undefined;
}

/** Slots in use by scanner's key. */
export async function usageByKey(
  slots: SlotLeases,
  configs: readonly ScannerConfig[],
): Promise<Map<string, SlotUsage>> {
  return new Map((await slots.usage(configs.map(keyOf))).map((usage) => [usage.scanner, usage]));
}

/** Keys of the drained scanners. */
export async function drainedKeys(drains: Drains | undefined): Promise<ReadonlySet<string>> {
  return (await drains?.list()) ?? new Set();
}
