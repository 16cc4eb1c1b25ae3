import type { ReportedHost } from './scan_report.ts';

/** What makes a host the same in two scans of a pool. */
export type IdentityKind = 'address' | 'fqdn' | 'agent';

/** Names of {@linkcode IdentityKind}. */
export const IDENTITY_KINDS: readonly IdentityKind[] = ['address', 'fqdn', 'agent'];

/** The identity of a host: its address, or where the pool's networks have DHCP its name or its agent's id, if it states one. */
export function identityOfHost({ name, facts, uuid }: ReportedHost, kind: IdentityKind): string {
  const address = String([facts.host_ip ?? name].flat()[0]).toLowerCase();
  if (kind === 'address') return address;
  if (kind === 'agent' && uuid !== undefined) return uuid;
  const [fqdn] = [facts.host_fqdn ?? []].flat();
  return fqdn === undefined ? address : String(fqdn).toLowerCase();
}
