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
