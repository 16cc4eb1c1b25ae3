import { compareVersions, severityName } from '@nmcp/schema';
import { NmcpError, nearestNames, type SeverityBreakdown } from '@nmcp/types';
import type { AssetSoftware } from '../asset_facts.ts';
import type { InventoryView, ViewedAsset } from '../inventory_view.ts';
import type { InventoryStore } from '../store/inventory_store.ts';
import { type AssetDetails, detailsOf, softwareName } from './asset_details.ts';
import { type AssetPlace, assetTest, secondsOf } from './select_findings.ts';
import { isoOf } from './shown_finding.ts';

/** Which assets; all may be left out. */
export interface AssetsAsked extends AssetPlace {
  /** A part of the operating system's name. */
  os?: string | undefined;
  /** An open port. */
  port?: number | undefined;
  /** A part of a service's name. */
  service?: string | undefined;
  /** A part of a program's name or CPE; with a version behind `<`, `<=`, `=`, `>=` or `>`: `openssh < 9.8`. */
  software?: string | undefined;
  /** How the login went. */
  login?: 'success' | 'partial' | 'failed' | 'none' | undefined;
  /** Not reached since this day, ISO 8601. */
  not_seen_since?: string | undefined;
  /** Reached on this day or later. */
  seen_since?: string | undefined;
  /** From 1. @default 1 */
  page?: number | undefined;
  /** @default 20 */
  page_size?: number | undefined;
}

/** An asset in a list. */
export interface FoundAsset extends AssetDetails {
  host: string;
  zone: string;
  /** What makes it the same in two scans, where that is not what it is called. */
  identity?: string;
  fqdn?: string;
  os?: string;
  device_type?: string;
  login: string;
  first_seen: string;
  last_seen: string;
  /** A scan was aimed at it then and did not reach it. */
  away_since?: string;
  tags?: readonly string[];
  owner?: string;
  /** Open findings. */
  open: SeverityBreakdown;
  /** What was asked for of its software or services. */
  matches?: string[];
}

/** Assets, those with the worst findings first. */
export interface FoundAssets {
  matching_assets: number;
  total_assets: number;
  page: number;
  total_pages: number;
  assets: FoundAsset[];
  why_empty?: string;
  near?: string[];
}

const MOST_MATCHES = 5;

/** Finds assets. @throws {NmcpError} `invalid_input`, and those of the store */
export async function searchAssets(
  view: InventoryView,
  asked: AssetsAsked,
  store: Pick<InventoryStore, 'software'>,
): Promise<FoundAssets> {
  const { page = 1, page_size: size = 20 } = asked;
  const software = asked.software === undefined ? undefined : await softwareMatches(asked.software, store);
  const isAsked = testOf(view, asked);
  const found: { asset: ViewedAsset; place: number; open: SeverityBreakdown }[] = [];
  for (const [place, asset] of view.assets.entries())
    if (isAsked(asset, place) && (!software || software.has(asset.id)))
      found.push({ asset, place, open: openOf(view, asset) });
  found.sort(({ open: a }, { open: b }) => worse(b, a));
  const shown = found.slice((page - 1) * size, page * size);
  const alone = found.length === 1 ? await detailsOf(view, found[0]?.asset, store) : {};
  return {
    ...{ matching_assets: found.length, total_assets: view.assets.length },
    ...{ page, total_pages: Math.ceil(found.length / size) },
    assets: shown.map(({ asset, open }) => ({ ...shownAsset(asset, open, software), ...alone })),
    ...(found.length === 0 ? whyNone(view, asked, software !== undefined && software.size === 0) : {}),
  };
}

function testOf(view: InventoryView, asked: AssetsAsked): (asset: ViewedAsset, place: number) => boolean {
  const { os, port, service, login, not_seen_since: away, seen_since: seen } = asked;
  const among = assetTest(view, asked);
  const [before, from] = [away, seen].map((text) => (text === undefined ? undefined : secondsOf(text)));
  const has = (text: string | undefined, part: string): boolean =>
    text?.toLowerCase().includes(part.toLowerCase()) ?? false;
  return ({ facts, lastSeen }, place) =>
    (!among || among[place] === 1) &&
    (os === undefined || [facts.os ?? []].flat().some((each) => has(String(each), os))) &&
    (port === undefined || (facts.services ?? []).some((each) => each.port === port)) &&
    (service === undefined ||
      (facts.services ?? []).some(({ name, banner }) => has(name, service) || has(banner, service))) &&
    (login === undefined || facts.credentialed === login) &&
    (before === undefined || lastSeen < before) &&
    (from === undefined || lastSeen >= from);
}

/** Assets with a program, by their numbers, and which. @throws {NmcpError} `invalid_input` */
async function softwareMatches(
  asked: string,
  store: Pick<InventoryStore, 'software'>,
): Promise<Map<number, string[]>> {
  const [, name = '', sign, version = ''] =
    /^\s*(.*?)\s*(?:(<=?|>=?|=)\s*v?([\w.+:~-]+))?\s*$/.exec(asked) ?? [];
  if (name === '')
    throw new NmcpError(
      'invalid_input',
      `software: expected a name, such as openssh, or openssh < 9.8; got ${JSON.stringify(asked.slice(0, 60))}`,
      {
        title: 'Invalid input',
      },
    );
  const part = name.toLowerCase();
  const matches = new Map<number, string[]>();
  for (const [id, json] of await store.software(part)) {
    const { software, cpes } = JSON.parse(json) as { software: AssetSoftware[]; cpes: string[] };
    const listed = [...software, ...cpes.map(programOf)];
    const own = listed.filter(
      (each) =>
        each.name.toLowerCase().includes(part) && (sign === undefined || holds(each.version, sign, version)),
    );
    if (own.length > 0) matches.set(id, [...new Set(own.map(softwareName))]);
  }
  return matches;
}

/** `cpe:/a:openbsd:openssh:8.4` is openssh 8.4. */
function programOf(cpe: string): AssetSoftware {
  const [, , vendor = '', product = '', version] = cpe.split(':');
  return { name: `${vendor} ${product}`, ...(version ? { version } : {}) };
}

/** Without a version nobody knows; an epoch and the distribution's part do not count. */
function holds(version: string | undefined, sign: string, wanted: string): boolean {
  if (version === undefined || version === '') return false;
  const order = compareVersions(version.replace(/^\d+:/, ''), wanted);
  return (
    { '<': order < 0, '<=': order <= 0, '=': order === 0, '>=': order >= 0, '>': order > 0 }[sign] ?? false
  );
}

function openOf(view: InventoryView, { rows: [start, end] }: ViewedAsset): SeverityBreakdown {
  const counts: SeverityBreakdown = { critical: 0, high: 0, medium: 0, low: 0, info: 0 };
  for (let row = start; row < end; row++)
    if (!view.isFixed(row)) counts[severityName(view.severities[view.variants[row] ?? 0] ?? 0) ?? 'info']++;
  return counts;
}

function worse(a: SeverityBreakdown, b: SeverityBreakdown): number {
  return (
    a.critical - b.critical || a.high - b.high || a.medium - b.medium || a.low - b.low || a.info - b.info
  );
}

function shownAsset(
  { id, zone, identity, name, facts, firstSeen, lastSeen, awaySince, tags, owner }: ViewedAsset,
  open: SeverityBreakdown,
  software: Map<number, string[]> | undefined,
): FoundAsset {
  const [fqdn] = [facts.host_fqdn ?? []].flat();
  const [os] = [facts.os ?? []].flat();
  const own = software?.get(id);
  return {
    ...{ host: name, zone },
    ...(identity === name ? {} : { identity }),
    ...(fqdn === undefined || fqdn === name ? {} : { fqdn: String(fqdn) }),
    ...(os === undefined ? {} : { os: String(os) }),
    ...(facts.device_type === undefined ? {} : { device_type: facts.device_type }),
    ...{ login: facts.credentialed, first_seen: isoOf(firstSeen), last_seen: isoOf(lastSeen) },
    ...(awaySince === undefined ? {} : { away_since: isoOf(awaySince) }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(owner === undefined ? {} : { owner }),
    open,
    ...(own ? { matches: own.slice(0, MOST_MATCHES) } : {}),
  };
}

function whyNone(
  view: InventoryView,
  { software, ...asked }: AssetsAsked,
  noSoftware: boolean,
): Pick<FoundAssets, 'why_empty' | 'near'> {
  if (view.assets.length === 0)
    return {
      why_empty: 'No scan is in the inventory yet; it takes in each scan that completes or is imported',
    };
  if (noSoftware)
    return {
      why_empty: `No asset lists the software ${JSON.stringify(software)}; software is listed only where a scan could log in`,
    };
  const { page: _, page_size: __, ...conditions } = asked;
  const given = Object.entries(conditions).filter(([, value]) => value !== undefined);
  const alone = given.find(
    ([name, value]) => !view.assets.some((asset, place) => testOf(view, { [name]: value })(asset, place)),
  );
  const [name, value] = alone ?? [];
  const near = name === undefined ? [] : nearestNames(String(value), valuesOf(view, name)).slice(0, 10);
  const why =
    name === undefined
      ? `Each of ${given.map(([each]) => each).join(', ')} has assets, none has all`
      : `No asset has ${name} ${JSON.stringify(value)}; the inventory has ${view.assets.length}`;
  return { why_empty: why, ...(near.length === 0 ? {} : { near }) };
}

function valuesOf({ assets }: InventoryView, name: string): string[] {
  const of: Readonly<Record<string, (asset: ViewedAsset) => unknown[]>> = {
    network: (asset) => [asset.name],
    os: ({ facts }) => [facts.os].flat(),
    tag: ({ tags }) => [...tags],
    owner: ({ owner }) => [owner],
    service: ({ facts }) => (facts.services ?? []).map((service) => service.name),
  };
  const values = assets.flatMap((asset) => of[name]?.(asset) ?? []).filter((value) => value !== undefined);
  return [...new Set(values.map(String))];
}
