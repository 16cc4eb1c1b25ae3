import { CATALOGUE } from '../network/catalogue.ts';
import type { UsedPolicy } from '../scan.ts';
import type { Policy } from './management.ts';

/** Which of a family's plugins are on: all, none, or with `mixed` those that are named. */
interface FamilyChoice {
  status?: string;
  individual?: Record<string, string>;
}

/** What a scan has of its policy. A family that the policy does not name is on. */
export function usedPolicy({ id, name, content }: Policy): UsedPolicy {
  const families = (content.plugins ?? {}) as Record<string, FamilyChoice | undefined>; // as it was sent
  const settings = (content.settings ?? {}) as { portscan_range?: unknown };
  const isOn = (plugin: { id: number; family: string }): boolean => {
    const { status = 'enabled', individual = {} } = families[plugin.family] ?? {};
    if (status !== 'mixed') return status === 'enabled';
    return individual[plugin.id] === 'enabled';
  };
  return {
    ...{ id, name },
    plugins: CATALOGUE.filter(isOn).map((plugin) => plugin.id),
    ports: typeof settings.portscan_range === 'string' ? settings.portscan_range : 'default',
  };
}
