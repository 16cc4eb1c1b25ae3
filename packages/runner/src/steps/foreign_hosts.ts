import { parseTargets, type Target, targetsOverlap } from '@nmcp/types';

/** Hosts that a warning names. */
const NAMED = 5;

/**
 * A warning about hosts of a report that are not among the targets of its scan; `undefined` when all are. An address that the
 * report gives alone can be that of a host name among the targets, whose addresses are not known here.
 *
 * @param hosts as targets, such as `web.example.org[10.0.0.7]`
 */
export function warnOfForeignHosts(targets: string, hosts: readonly string[]): string | undefined {
  const wanted = read(targets);
  if (wanted.length === 0) return undefined;
  const isOpen = wanted.some((target) => target.kind === 'host' && !target.address);
  const foreign = hosts.filter((host) => {
    const found = read(host);
    if (found.length === 0 || targetsOverlap(wanted, found)) return false;
    return !isOpen || found.some((target) => target.kind === 'host');
  });
  if (foreign.length === 0) return undefined;
  const named = foreign.slice(0, NAMED).map((host) => host.slice(0, 80));
  const more = foreign.length > NAMED ? ` and ${foreign.length - NAMED} more` : '';
  return `The report holds ${foreign.length} ${foreign.length === 1 ? 'host that is' : 'hosts that are'} not among the targets of the scan: ${named.join(', ')}${more}`;
}

/** None for what says no target. */
function read(text: string): Target[] {
  try {
    return parseTargets(text, { maxLength: Number.POSITIVE_INFINITY });
  } catch {
    return [];
  }
}
