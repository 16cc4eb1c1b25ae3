import { isInPortRange } from '@nmcp/results';
import type { FindingKey } from './finding_key.ts';
import type { NotLooked } from './finding_state.ts';

/** What a scan was set to look at, and what it reported. */
export interface ScanEvidence {
  /** Plugins that it was set to run, ascending; empty where the report does not say. */
  plugins: Uint32Array;
  /** Plugins that reported something, which therefore ran. */
  reported: ReadonlySet<number>;
  /** Nessus's `port_range`; `undefined` where the report does not say. */
  ports: string | undefined;
  /** Ports that something was reported on, as `443/tcp`. */
  reportedPorts: ReadonlySet<string>;
  /** It ended before it was done, so what it did not see says nothing. */
  partial: boolean;
}

/** Nessus's range of some 4,800 ports that no report lists. */
export const DEFAULT_RANGE = 'default';

/**
 * Why a scan could not have seen what another one saw, whatever the login; `undefined` where it looked. What a report does not
 * state was not looked at: nothing is fixed because nobody says that somebody looked.
 */
export function whyNotLooked(
  looking: ScanEvidence,
  seen: ScanEvidence,
  { plugin, port, protocol }: FindingKey,
): NotLooked | undefined {
  if (looking.partial) return 'unfinished';
  if (port > 0 && !isPortLooked(looking, seen, port, protocol)) return 'port';
  return ranPlugin(looking, plugin) ? undefined : 'plugin';
}

/** Whether a scan is known to have run a plugin. */
export function ranPlugin({ reported, plugins }: ScanEvidence, plugin: number): boolean {
  return reported.has(plugin) || includes(plugins, plugin);
}

function isPortLooked(looking: ScanEvidence, seen: ScanEvidence, port: number, protocol: string): boolean {
  if (looking.reportedPorts.has(`${port}/${protocol}`)) return true;
  const { ports } = looking;
  if (ports === undefined) return false;
  if (ports === 'all' || ports === seen.ports) return true;
  return ports !== DEFAULT_RANGE && isInPortRange(ports, port, protocol);
}

/** Whether an ascending list has a number. */
function includes(sorted: Uint32Array, wanted: number): boolean {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return sorted[low] === wanted;
}
