import { type Host, listOf, textOf } from '../../finding.ts';
import type { FoundFinding } from '../../found_finding.ts';
import { HOST_FIELDS } from '../../host_facts.ts';

/** What an event says of its host, as members of JSON objects without the braces. */
export interface OcsfHost {
  /** `resources`, the times, and `device` where the report says what kind of device it is. */
  members: string;
  /** The host as an endpoint. */
  endpoint: string;
  /** When its scan ended, or else began, in milliseconds since 1970. */
  seen: number | undefined;
}

/** OCSF's type_id by what Nessus calls the kind of a host. */
const DEVICE_TYPES: Readonly<Record<string, readonly [number, string]>> = {
  router: [12, 'Router'],
  switch: [10, 'Switch'],
  firewall: [9, 'Firewall'],
  'load-balancer': [15, 'Load Balancer'],
  mobile: [5, 'Mobile'],
  printer: [7, 'IOT'],
  camera: [7, 'IOT'],
  embedded: [7, 'IOT'],
  scada: [7, 'IOT'],
  hypervisor: [1, 'Server'],
};

const OS_TYPES: readonly (readonly [RegExp, number, string])[] = [
  [/windows/i, 100, 'Windows'],
  [/android/i, 201, 'Android'],
  [/linux|ubuntu|debian|red hat|centos|suse/i, 200, 'Linux'],
  [/mac ?os|os x/i, 300, 'macOS'],
  [/solaris|sunos/i, 400, 'Solaris'],
  [/\baix\b/i, 401, 'AIX'],
  [/hp-ux/i, 402, 'HP-UX'],
];

const HOSTNAME = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)*$/i;
const MAC = /^[\da-f]{2}(?::[\da-f]{2}){5}$/i;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.|$)){4}$/;
const IPV6 = /^(?=[\da-f:]*:[\da-f:]*:)[\da-f:]{2,39}$/i;

/** Tells of hosts as OCSF does; made once a host. */
export class OcsfHosts {
  readonly #kinds = new Map<string, string>();
  #last: { found: FoundFinding; host: OcsfHost } | undefined;

  add({ name, properties }: Host): void {
    const kind = properties['system-type'];
    if (kind !== undefined) this.#kinds.set(name, kind.trim().toLowerCase());
  }

  membersOf(found: FoundFinding): OcsfHost {
    const last = this.#last;
    if (last && isSameHost(last.found, found)) return last.host;
    const host = hostOf(found, this.#kinds.get(found.host));
    this.#last = { found, host };
    return host;
  }
}

function isSameHost(a: FoundFinding, b: FoundFinding): boolean {
  if (a.host !== b.host) return false;
  const [facts, others] = [a.facts, b.facts];
  return facts === others || HOST_FIELDS.every((field) => facts[field] === others[field]);
}

function hostOf({ host, facts: stated }: FoundFinding, kind: string | undefined): OcsfHost {
  const names = listOf(stated.host_fqdn);
  const ip = [textOf(stated.host_ip), host].find((text) => IPV4.test(text) || IPV6.test(text));
  const hostname = [...names, host].find((text) => HOSTNAME.test(text) && !IPV4.test(text));
  const mac = listOf(stated.mac).find((text) => MAC.test(text));
  const name = names[0] ?? (textOf(stated.netbios).split('\\').at(-1) || host || 'unknown');
  const facts = HOST_FIELDS.flatMap((field) => (stated[field] === undefined ? [] : [[field, stated[field]]]));
  const addresses = {
    name,
    uid: ip ?? (host || 'unknown'),
    ...(hostname === undefined ? {} : { hostname }),
    ...(ip === undefined ? {} : { ip }),
    ...(mac === undefined ? {} : { mac }),
  };
  const [os] = listOf(stated.os);
  const system = os === undefined ? undefined : OS_TYPES.find(([pattern]) => pattern.test(os));
  const times = timesOf(stated);
  const type = kind === undefined ? undefined : deviceType(kind, os ?? '');
  return {
    seen: times.end_time ?? times.start_time,
    endpoint: JSON.stringify(addresses).slice(1, -1),
    members: JSON.stringify({
      ...times,
      resources: [
        {
          uid: host || 'unknown',
          name,
          type: 'host',
          ...(facts.length > 0 ? { data: Object.fromEntries(facts) } : {}),
        },
      ],
      ...(type === undefined
        ? {}
        : {
            device: {
              ...addresses,
              type_id: type[0],
              type: type[1],
              ...(system && os !== undefined
                ? { os: { name: os, type_id: system[1], type: system[2] } }
                : {}),
            },
          }),
    }).slice(1, -1),
  };
}

function timesOf(stated: FoundFinding['facts']): { start_time?: number; end_time?: number } {
  const start = Date.parse(textOf(stated.host_start));
  const end = Date.parse(textOf(stated.host_end));
  return {
    ...(Number.isNaN(start) ? {} : { start_time: start }),
    ...(Number.isNaN(end) ? {} : { end_time: end }),
  };
}

/** Nessus calls servers and desktops general-purpose; the operating system tells which. */
function deviceType(kind: string, os: string): readonly [number, string] | undefined {
  if (kind !== 'general-purpose') return DEVICE_TYPES[kind];
  const isDesktop = /windows (?:xp|vista|7|8|10|11)\b|mac ?os|os x/i.test(os);
  return isDesktop ? [2, 'Desktop'] : [1, 'Server'];
}
