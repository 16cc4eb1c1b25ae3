import { CATALOGUE } from '../network/catalogue.ts';
import type { SimulatedPlugin } from '../network/plugin.ts';
import { fraction, pick } from '../network/random.ts';
import { Collection } from './collection.ts';

/** Seeded things of a Nessus Manager that no scan needs. */
export interface Folder {
  id: number;
  name: string;
  type: string;
  custom: number;
  default_tag: number;
}
export interface Policy {
  id: number;
  name: string;
  description: string;
  template_uuid: string;
  owner: string;
  visibility: string;
  creation_date: number;
  last_modification_date: number;
  content: Record<string, unknown>;
}
export interface ManagedScanner {
  id: number;
  name: string;
  uuid: string;
  type: string;
  status: string;
  linked: number;
  engine_version: string;
  platform: string;
}
export interface Agent {
  id: number;
  name: string;
  uuid: string;
  ip: string;
  platform: string;
  distro: string;
  status: string;
  core_version: string;
  linked_on: number;
  last_connect: number;
}
export interface Group {
  id: number;
  name: string;
  /** Ids of its agents, or of its users. */
  members: Set<number>;
}
export interface PluginRule {
  id: number;
  plugin_id: string;
  type: string;
  host: string;
  date: number | null;
}
export interface AdvancedSetting {
  id: string;
  name: string;
  value: string;
}

/** What a fresh scanner has. */
export class Management {
  readonly folders: Collection<Folder> = new Collection<Folder>(
    [
      { id: 2, name: 'Trash', type: 'trash', custom: 0, default_tag: 0 },
      { id: 3, name: 'My Scans', type: 'main', custom: 0, default_tag: 1 },
    ],
    20,
  );
  readonly policies: Collection<Policy> = new Collection<Policy>([], 30);
  readonly scanners: Collection<ManagedScanner> = new Collection<ManagedScanner>(
    [newScanner(1, 'Local Scanner', 'local'), newScanner(2, 'Branch Office', 'managed')],
    3,
  );
  readonly agents: Collection<Agent>;
  readonly agentGroups: Collection<Group> = new Collection<Group>([], 10);
  readonly userGroups: Collection<Group> = new Collection<Group>([], 10);
  readonly pluginRules: Collection<PluginRule> = new Collection<PluginRule>([], 1);
  readonly permissions: Map<string, object[]> = new Map();
  settings: AdvancedSetting[] = [
    { id: 'f0', name: 'max_hosts', value: '100' },
    { id: 'f1', name: 'max_checks', value: '5' },
    { id: 'f2', name: 'xmlrpc_idle_session_timeout', value: '30' },
  ];
  mail: Record<string, unknown> = {
    smtp_host: '',
    smtp_port: '25',
    smtp_enc: 'No Encryption',
    smtp_auth: 'NONE',
  };
  proxy: Record<string, unknown> = { proxy: '', proxy_port: '', proxy_auth: 'auto', user_agent: '' };

  constructor(seed: number, agents: number, now: number) {
    const made = Array.from({ length: agents }, (_, i) => newAgent(i + 1, seed, now));
    this.agents = new Collection<Agent>(made, agents + 1);
  }
}

function newScanner(id: number, name: string, type: string): ManagedScanner {
  const uuid = `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`;
  return { id, name, type, uuid, status: 'on', linked: 1, engine_version: '19.9.0', platform: 'LINUX' };
}

function newAgent(id: number, seed: number, now: number): Agent {
  const key = `${seed}/agent/${id}`;
  const platform = pick(['LINUX', 'WINDOWS', 'DARWIN'], `${key}/platform`);
  return {
    id,
    name: `agent-${String(id).padStart(4, '0')}`,
    uuid: `10000000-0000-4000-8000-${String(id).padStart(12, '0')}`,
    ip: `10.20.${Math.floor(id / 250)}.${1 + (id % 250)}`,
    platform,
    distro: { LINUX: 'debian10-x86-64', WINDOWS: 'win-x86-64', DARWIN: 'macosx' }[platform] ?? '',
    status: fraction(`${key}/up`) < 0.9 ? 'online' : 'offline',
    core_version: '10.8.3',
    linked_on: Math.floor(now / 1000) - 2_592_000,
    last_connect: Math.floor(now / 1000) - Math.floor(3600 * fraction(`${key}/seen`)),
  };
}

/** A family of the simulated feed. */
export interface PluginFamily {
  id: number;
  name: string;
  plugins: SimulatedPlugin[];
}

/** The families of the simulated feed. */
export const FAMILIES: readonly PluginFamily[] = [...new Set(CATALOGUE.map(({ family }) => family))].map(
  (name, i) => ({ id: i + 1, name, plugins: CATALOGUE.filter(({ family }) => family === name) }),
);
