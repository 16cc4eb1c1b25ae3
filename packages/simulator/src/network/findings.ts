import { CATALOGUE } from './catalogue.ts';
import type { SimulatedHost } from './host.ts';
import type { LoginOutcome, SimulatedPlugin } from './plugin.ts';
import { fraction } from './random.ts';

/** What decides which plugins report on a host. */
export interface FindingRules {
  seed: number;
  /** Number of the week in which the scan ran: some findings come and go. */
  week: number;
  /** Findings that every host has at least; filled up with installed software. @default as many as there are */
  findingsPerHost?: number | undefined;
}

/** Part of the chances that are drawn anew every week. */
const CHANGES_A_WEEK = 0.15;

/** The plugins that report on a host, in the catalogue's order. */
export function pluginsOn(host: SimulatedHost, rules: FindingRules, login: LoginOutcome): SimulatedPlugin[] {
  const found = CATALOGUE.filter((plugin) => reportsOn(plugin, host, rules, login));
  for (let i = 0; found.length < (rules.findingsPerHost ?? 0); i++) found.push(software(i));
  return found;
}

function reportsOn(
  plugin: SimulatedPlugin,
  host: SimulatedHost,
  { seed, week }: FindingRules,
  login: LoginOutcome,
): boolean {
  if (plugin.on && !plugin.on.includes(host.kind)) return false;
  if (plugin.login && !plugin.login.includes(login)) return false;
  if (plugin.chance === undefined) return true;
  const key = `${seed}/${host.name}/${plugin.id}`;
  const drawn = fraction(`${key}/changes`) < CHANGES_A_WEEK ? `${key}/${week}` : key;
  return fraction(drawn) < plugin.chance;
}

const SOFTWARE: SimulatedPlugin[] = [];

/** One of any number of plugins that report installed software. */
function software(index: number): SimulatedPlugin {
  SOFTWARE[index] ??= {
    id: 300_000 + index,
    name: `Installed Software : Package ${index}`,
    family: 'General',
    severity: index % 7 === 0 ? 2 : 0,
    port: 0,
    service: 'general',
    protocol: 'tcp',
    synopsis: 'A package is installed on the remote host.',
    description: `Package ${index} is installed on the remote host. Whether its version is still supported has to be looked up with its vendor, since this plugin reads the package database alone and makes no statement about patches that were applied by other means.`,
    solution: 'Remove packages that nobody needs.',
    output: ({ host }) =>
      `\n  Package : package-${index}\n  Version : ${1 + (index % 5)}.${host.name.length}\n  Path    : /opt/package-${index}\n`,
  };
  return SOFTWARE[index];
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

/** Counts findings by severity, 0 to 4. */
export function countSeverities(findings: readonly { severity: number }[]): SeverityCounts {
  const counts: SeverityCounts = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (const { severity } of findings) {
    const name = NAMES[severity];
    if (name) counts[name]++;
  }
  return counts;
}
