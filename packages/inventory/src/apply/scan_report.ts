import { type FindingsIndex, unreachedHosts } from '@nmcp/results';
import { type Finding, type Host, type HostFacts, kindOf } from '@nmcp/schema';
import { type AssetListing, LISTING_PLUGINS, ListingReader } from '../asset_facts.ts';
import type { ScanEvidence } from '../evidence.ts';
import { bothOutputs } from '../outputs.ts';
import { signalsOf } from '../signals.ts';

/** A host of a report. */
export interface ReportedHost {
  name: string;
  facts: HostFacts;
  /** What the agent or the machine calls itself, whatever its address. */
  uuid?: string | undefined;
}

/** What a report says of a host. */
export interface HostReport {
  listing: AssetListing;
  /** What was said by its findings, by their places in {@linkcode ScanReport.kinds}; empty for nothing. */
  kinds: ReadonlyMap<number, string>;
}

/** What findings of a report have in common. */
export interface ReportedKind {
  key: string;
  severity: number;
  brief: string;
  full: string;
}

/** A report as the inventory reads it. */
export interface ScanReport {
  name: string;
  policy: string | undefined;
  /** Milliseconds since 1970; `undefined` where the report does not say. */
  startedAt: number | undefined;
  endedAt: number | undefined;
  evidence: ScanEvidence;
  kinds: readonly ReportedKind[];
  findings: number;
  /** Those that it names without having reached them are left out. */
  hosts: readonly ReportedHost[];
  /** What it says of hosts, by their places in the list, as one. */
  read(hosts: readonly number[]): HostReport;
}

/** Reads a scan from its index. */
export function reportOf(index: FindingsIndex, { partial = false }: { partial?: boolean } = {}): ScanReport {
  const { meta } = index;
  const unreached = unreachedHosts(index);
  const properties = index.hostProperties();
  const reached = [...index.hostNames.keys()].filter((host) => !unreached.has(host));
  const variants = index.variantsFor(new Set(meta.longFields));
  const kinds = variants.map((variant, i) => reportedKind(variant, index.briefs[i] ?? variant));
  return {
    name: meta.scanName,
    policy: meta.policyName,
    startedAt: timeOf(meta.scan_start),
    endedAt: timeOf(meta.scan_end),
    findings: meta.findings,
    kinds,
    evidence: {
      partial,
      ports: meta.portRange,
      plugins: Uint32Array.from(index.pluginSet).sort(),
      reported: new Set(variants.map(({ plugin_id }) => Number(plugin_id))),
      reportedPorts: new Set(variants.map(({ port, protocol }) => `${port}/${protocol}`)),
    },
    hosts: reached.map((host) => ({
      name: index.hostNames[host] ?? '',
      facts: index.facts[host] ?? { credentialed: 'none' },
      uuid: uuidOf(properties[host] ?? {}),
    })),
    read: hostReader(index, variants, reached),
  };
}

/** Tags of Nessus Agents, and of credentialed scans. */
const UUID_TAGS = ['agent_uuid', 'agent-uuid', 'host-uuid', 'bios-uuid', 'system-uuid'];
const NO_UUID = /^(?:0[\s:-]*|f[\s:-]*)*$/i;

function uuidOf(properties: Host['properties']): string | undefined {
  const stated = UUID_TAGS.map((tag) => properties[tag]?.trim());
  return stated.find((uuid) => uuid !== undefined && !NO_UUID.test(uuid))?.toLowerCase();
}

function timeOf(text: string | undefined): number | undefined {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

function reportedKind(full: Finding, brief: Finding): ReportedKind {
  const level = Number(full.severity ?? 0);
  return {
    key: kindOf(full),
    severity: level >= 0 && level <= 4 ? level : 0,
    brief: JSON.stringify({ ...brief, ...(full.cve === undefined ? {} : { cve: full.cve }), ...kevOf(full) }),
    full: JSON.stringify(full),
  };
}

/** Cross references can be too long to be among the short fields. */
function kevOf(full: Finding): { kev?: string } {
  const { kev } = signalsOf(full);
  return kev === undefined ? {} : { kev };
}

function hostReader(
  index: FindingsIndex,
  variants: readonly Finding[],
  reached: readonly number[],
): ScanReport['read'] {
  const isListing = variants.map(({ plugin_id }) => LISTING_PLUGINS.has(Number(plugin_id)));
  const values = variants.map(({ 'cm:compliance-actual-value': value }) =>
    value ? String(value) : undefined,
  );
  const places = startsOf(index.hosts, index.hostNames.length);
  return (hosts) => {
    const numbers = hosts.map((host) => reached[host] ?? 0);
    const kinds = new Map<number, string>();
    const listing = new ListingReader();
    for (const [start, end] of numbers.flatMap((host) => places[host] ?? []))
      for (let row = start; row < end; row++) {
        const variant = index.variants[row] ?? 0;
        const output = index.output(row) || (values[variant] ?? '');
        kinds.set(variant, bothOutputs(kinds.get(variant) ?? '', output));
        const { plugin_id, port, protocol, svc_name } = variants[variant] ?? ({} as Partial<Finding>);
        const [number, on] = [Number(plugin_id), Number(port)];
        if (!(on > 0) && isListing[variant] !== true) continue;
        listing.add({
          ...{ plugin: number, port: on, protocol: protocol ?? '', service: svc_name ?? undefined },
          output: isListing[variant] ? output : null,
        });
      }
    return { listing: listing.result(), kinds };
  };
}

/** Where the findings of each host stand: a host that stands twice in a report has two places. */
function startsOf(hosts: Uint32Array, count: number): [start: number, end: number][][] {
  const places: [number, number][][] = Array.from({ length: count }, () => []);
  for (let row = 0; row < hosts.length; ) {
    const host = hosts[row] ?? 0;
    const start = row;
    while (row < hosts.length && hosts[row] === host) row++;
    places[host]?.push([start, row]);
  }
  return places;
}
