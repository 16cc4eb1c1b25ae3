import type { HostFacts } from '@nmcp/schema';
import type { FindingsIndex } from '../index/findings_index.ts';
import { isInPortRange } from './port_range.ts';
import type { FindingKind } from './vocabulary.ts';

/** Why a scan could not have seen a finding on a host that it reached. */
export type NotLooked = 'login' | 'port' | 'plugin';

/** Says why a scan did not look for a finding that another scan has; `undefined` when it looked. */
export type LookedFor = (host: string, kind: FindingKind) => NotLooked | undefined;

/** How good a login is. */
export const LOGIN_RANKS: Readonly<Record<HostFacts['credentialed'], number>> = {
  success: 2,
  partial: 1,
  failed: 0,
  none: 0,
};

/**
 * What a scan looked for, beside another scan that has a finding: not where its login to the host was worse, where the port is no
 * longer among its ports, or where the plugin is no longer among its plugins. A setting that a report does not state is taken as
 * the same.
 */
export function lookedFor(seen: FindingsIndex, looking: FindingsIndex): LookedFor {
  const [before, after] = [loginsOf(seen), loginsOf(looking)];
  const isPortLooked = portTest(seen.meta.portRange, looking.meta.portRange, looking);
  const isPluginRun = pluginTest(seen, looking);
  return (host, { plugin_id, port, protocol }) => {
    if ((after.get(host) ?? 0) < (before.get(host) ?? 0)) return 'login';
    if (!isPortLooked(port, protocol)) return 'port';
    return isPluginRun(plugin_id) ? undefined : 'plugin';
  };
}

function loginsOf({ hostNames, facts }: FindingsIndex): Map<string, number> {
  return new Map(hostNames.map((name, host) => [name, LOGIN_RANKS[facts[host]?.credentialed ?? 'none']]));
}

/** Plugins that the one was set to run and the other was not; one that has reported was run. */
function pluginTest(seen: FindingsIndex, looking: FindingsIndex): (plugin: string) => boolean {
  const [before, after] = [seen.pluginSet, looking.pluginSet];
  if (after.size === 0) return () => true;
  const reported = new Set(looking.briefs.map(({ plugin_id }) => plugin_id));
  return (plugin) => {
    const id = Number(plugin);
    return after.has(id) || reported.has(plugin) || (before.size > 0 && !before.has(id));
  };
}

/** Nessus's range `default` is some 4,800 ports that no report lists. */
const DEFAULT_RANGE = 'default';

function portTest(
  before: string | undefined,
  after: string | undefined,
  looking: FindingsIndex,
): (port: string, protocol: string) => boolean {
  if (after === undefined || after === before || after === 'all') return () => true;
  const reported = new Set(looking.briefs.map(({ port, protocol }) => `${port}/${protocol}`));
  const isWithin = (port: number, protocol: string): boolean =>
    after !== DEFAULT_RANGE && isInPortRange(after, port, protocol);
  const wasWithin = (port: number, protocol: string): boolean =>
    before === undefined || before === DEFAULT_RANGE || isInPortRange(before, port, protocol);
  return (port, protocol) => {
    const number = Number(port);
    if (!(number > 0) || reported.has(`${port}/${protocol}`)) return true;
    return isWithin(number, protocol) || !wasWithin(number, protocol);
  };
}
