import type { NessusEvent } from '../nessus_handler.ts';
import { listOf, severityOf, titleOf } from './exporter.ts';

/** Numbers of findings of severities 0 to 4. */
export type Counts = [number, number, number, number, number];

/** What a report sums up of a plugin. */
export interface PluginTally {
  title: string;
  severity: number;
  hosts: number;
  lastHost: string;
  cves: string[];
}

/** What a report sums up. */
export class Tally {
  scanName: string = 'Unknown';
  policyName: string = '';
  readonly total: Counts = [0, 0, 0, 0, 0];
  readonly hosts: Map<string, Counts> = new Map();
  readonly plugins: Map<string, PluginTally> = new Map();

  add(event: NessusEvent): void {
    if (event.type === 'report') this.scanName = event.name;
    else if (event.type === 'policy') this.policyName = event.name;
    else if (event.type === 'host') this.#countsOf(event.host.name);
    else {
      const { finding } = event;
      const severity = severityOf(finding);
      this.total[severity]++;
      this.#countsOf(finding.host)[severity]++;
      const id = finding.plugin_id ?? 'unknown';
      const plugin = this.plugins.get(id) ?? {
        title: titleOf(finding),
        severity,
        hosts: 0,
        lastHost: '',
        cves: listOf(finding.cve),
      };
      this.plugins.set(id, plugin);
      if (plugin.lastHost !== finding.host) plugin.hosts++;
      plugin.lastHost = finding.host;
      plugin.severity = Math.max(plugin.severity, severity);
    }
  }

  /** Hosts, worst first. */
  worstHosts(): [string, Counts][] {
    return [...this.hosts].sort(
      ([, a], [, b]) => b[4] - a[4] || b[3] - a[3] || b[2] - a[2] || b[1] - a[1] || b[0] - a[0],
    );
  }

  /** Plugins of severity 1 and above, worst first. */
  worstPlugins(): [string, { title: string; severity: number; hosts: number; cves: string[] }][] {
    return [...this.plugins]
      .filter(([, { severity }]) => severity > 0)
      .sort(([, a], [, b]) => b.severity - a.severity || b.hosts - a.hosts);
  }

  #countsOf(host: string): Counts {
    const known = this.hosts.get(host) ?? [0, 0, 0, 0, 0];
    this.hosts.set(host, known);
    return known;
  }
}
