import type { HostKind, SimulatedHost } from './host.ts';

/** How the scan logged in to a host. */
export type LoginOutcome = 'none' | 'success' | 'insufficient' | 'failed';

/** A protocol by which a scan logs in. */
export type LoginProtocol = 'ssh' | 'smb' | 'snmp';

/** What a plugin's output may speak of. */
export interface PluginContext {
  host: SimulatedHost;
  /** Text that differs from seed to seed. */
  key: string;
  login: LoginOutcome;
  username: string;
  /** By which protocol the scan logged in. */
  via: LoginProtocol;
  scanName: string;
}

/** A plugin of the simulated feed. */
export interface SimulatedPlugin {
  id: number;
  name: string;
  family: string;
  /** 0 info to 4 critical. */
  severity: 0 | 1 | 2 | 3 | 4;
  port: number;
  service: string;
  protocol: 'tcp' | 'udp' | 'icmp';
  /** Kinds of hosts that it can report on; absent: all. */
  on?: readonly HostKind[];
  /** How often it reports on such a host, 0 to 1. @default 1 */
  chance?: number;
  /** Reports only after one of these logins. */
  login?: readonly LoginOutcome[];
  synopsis: string;
  description: string;
  solution: string;
  /** Further child elements in their order; a tag with several values repeats. `cm:` tags are compliance results. */
  details?: Readonly<Record<string, string | readonly string[]>>;
  /** Attributes of the child element `attachment`. */
  attachment?: { name: string; type: string };
  /** Text of the child element plugin_output. */
  output?: (context: PluginContext) => string;
}
