import type { CallOptions } from '../call.ts';
import type { NessusClient } from '../nessus_client.ts';
import { getConfiguration } from './editor.ts';
import { listScans } from './scans.ts';

/** A description that ends with a marker, so that {@linkcode findScanByMarker} finds the scan. */
export function withMarker(description: string | undefined, marker: string): string {
  return [description, `[${marker}]`].filter(Boolean).join(' ');
}

/** What to look for. */
export interface MarkerQuery {
  /** Text that the scan's description holds. */
  marker: string;
  /** The scan's name; spares looking into scans of other names. */
  name?: string | undefined;
}

/**
 * Finds a scan by a text in its description, newest first. The list of scans has no descriptions, so each scan of that
 * name is looked into.
 */
export async function findScanByMarker(
  client: NessusClient,
  query: MarkerQuery,
  options: CallOptions = {},
): Promise<number | undefined> {
  const candidates = (await listScans(client, {}, options))
    .filter((scan) => query.name === undefined || scan.name === query.name)
    .sort((a, b) => b.id - a.id);
  for (const scan of candidates)
    if (await scanHasMarker(client, scan.id, query.marker, options)) return scan.id;
  return undefined;
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
  const configuration = await getConfiguration(client, 'scan', scanId, options);
  return JSON.stringify(configuration).includes(marker);
}
