import { CATALOGUE } from './catalogue.ts';
import type { SimulatedHost } from './host.ts';
import type { LoginOutcome, SimulatedPlugin } from './plugin.ts';
import { fraction } from './random.ts';

/** The plugins that report on a host, in the catalogue's order. */
export function pluginsOn(host: SimulatedHost, seed: number, login: LoginOutcome): SimulatedPlugin[] {
  return CATALOGUE.filter(
    (plugin) =>
      (plugin.on === undefined || plugin.on.includes(host.kind)) &&
      (plugin.login === undefined || plugin.login.includes(login)) &&
      fraction(`${seed}/${host.name}/${plugin.id}`) < (plugin.chance ?? 1),
  );
}

/** Number of findings of each severity on a host. */
export interface SeverityCounts {
  critical: number;
  high: number;
  medium: number;
  low: number;
  info: number;
}

const NAMES: readonly (keyof SeverityCounts)[] = ['info', 'low', 'medium', 'high', 'critical'];

/** Counts plugins by severity. */
export function countSeverities(plugins: readonly SimulatedPlugin[]): SeverityCounts {
  const counts: SeverityCounts = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const plugin of plugins) {
    const name = NAMES[plugin.severity];
    if (name) counts[name]++;
  }
  return counts;
}
