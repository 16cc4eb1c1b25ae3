import { readFindingId } from '@nmcp/scans';

/** The path of an asset's page; both can be called anything. */
export function assetPath({
  zone,
  host,
  identity = host,
}: {
  zone: string;
  host: string;
  identity?: string | undefined;
}): string {
  return `/network/assets/${encodeURIComponent(zone)}/${encodeURIComponent(identity)}`;
}

/** The path of the asset that a finding is on. */
export function assetPathOfFinding({ id, host }: { id: string; host: string }): string {
  return assetPath({ zone: '-', host, ...readFindingId(id) });
}

/** The path of a finding over time. */
export function agedFindingPath(finding: { id: string; host: string }): string {
  return `${assetPathOfFinding(finding)}/findings/${encodeURIComponent(readFindingId(finding.id)?.key ?? '')}`;
}
