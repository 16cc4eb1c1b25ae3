import type { CallOptions } from '../call.ts';
import { NessusApiError } from '../errors.ts';
import type { NessusClient } from '../nessus_client.ts';
import { getConfiguration } from './editor.ts';
import { getScanList, type ScanListEntry } from './scans.ts';

/** A description that ends with a marker, so that {@linkcode findScanByMarker} finds the scan. */
export function withMarker(description: string | undefined, marker: string): string {
  return [description, `[${marker}]`].filter(Boolean).join(' ');
}

/** What to look for. */
export interface MarkerQuery {
  /** Text that the scan's description holds. */
  marker: string;
  /** The scan's name; spares looking into scans of other names. A scanner may have trimmed it, or composed its accents. */
  name?: string | undefined;
  /** Spares looking into scans that were made longer ago by the scanner's own clock, in milliseconds. */
  maxAgeMs?: number | undefined;
}

/**
 * Finds the scans with a text in their descriptions, the oldest first. The list of scans has no descriptions, so each that
 * can be meant is looked into; those that may not be read, or are gone, are passed over.
 */
export async function findScansByMarker(
  client: NessusClient,
  { marker, name, maxAgeMs = Number.POSITIVE_INFINITY }: MarkerQuery,
  options: CallOptions = {},
): Promise<number[]> {
  const { scans, timestamp } = await getScanList(client, {}, options);
  const oldest = timestamp == null ? Number.NEGATIVE_INFINITY : timestamp - maxAgeMs / 1000;
  const candidates = scans
    .filter((scan) => name === undefined || nameKey(scan.name) === nameKey(name))
    .filter(({ creation_date: made }) => made == null || made >= oldest)
    .sort((a, b) => a.id - b.id);
  const found: number[] = [];
  for (const scan of candidates) if (await isMarked(client, scan, marker, options)) found.push(scan.id);
  return found;
}

/** As {@linkcode findScansByMarker}, the oldest one. */
export async function findScanByMarker(
  client: NessusClient,
  query: MarkerQuery,
  options: CallOptions = {},
): Promise<number | undefined> {
  return (await findScansByMarker(client, query, options))[0];
}

/** From here on, a scan's settings may be read: https://docs.tenable.com/nessus, Permissions. */
const MAY_EDIT = 64;

/** Someone else's scan that is shared with us shows in the list, and its settings are refused. */
async function isMarked(
  client: NessusClient,
  { id, user_permissions: permissions }: ScanListEntry,
  marker: string,
  options: CallOptions,
): Promise<boolean> {
  try {
    const configuration = await getConfiguration(client, 'scan', id, options);
    if (holds(configuration, marker)) return true;
    if (hasSettings(configuration)) return false;
    // nothing was said of the description: taken for a no, the scan would be created a second time
    const endpoint = `GET /editor/scan/${id}`;
    throw new NessusApiError('scanner_error', `${endpoint} answered no settings`, 200, endpoint);
  } catch (error) {
    if (!(error instanceof NessusApiError)) throw error;
    if (error.httpStatus === 404) return false; // removed meanwhile, or imported: an import has no settings
    if (error.httpStatus === 403 && (permissions ?? 0) < MAY_EDIT) return false;
    throw error;
  }
}

/** Equal for names that a scanner may make of one another. */
function nameKey(name: string): string {
  return name.normalize('NFC').trim().replace(/\s+/g, ' ');
}

/**
 * Whether a scan's description holds a text.
 *
 * @throws {NmcpError} `not_found` when there is no such scan
 */
export async function scanHasMarker(
  client: NessusClient,
  scanId: number,
  marker: string,
  options: CallOptions = {},
): Promise<boolean> {
  return holds(await getConfiguration(client, 'scan', scanId, options), marker);
}

function holds(configuration: unknown, marker: string): boolean {
  return JSON.stringify(configuration).includes(marker);
}

function hasSettings(configuration: unknown): boolean {
  return (
    typeof configuration === 'object' &&
    configuration !== null &&
    'settings' in configuration &&
    configuration.settings != null
  );
}
