import { type AddressRange, parseTargets } from '@nmcp/types';
import type { Span } from './address_set.ts';

/** A named network. */
export interface NamedNetwork {
  name: string;
  spans: readonly Span[];
}

function network(name: string, ...texts: string[]): NamedNetwork {
  return { name, spans: rangesOf(texts.join(',')) };
}

/** The runs of a list of addresses, networks and ranges. */
export function rangesOf(text: string): AddressRange[] {
  return parseTargets(text, { maxLength: Number.POSITIVE_INFINITY }).flatMap((target) =>
    target.kind === 'range' ? [target] : [],
  );
}

/**
 * Networks that a rule for a larger one does not allow: they must be named. Source: the IANA registries of
 * special-purpose addresses, and the metadata addresses of the large clouds.
 */
export const SPECIAL_NETWORKS: readonly NamedNetwork[] = [
  network('this host', '0.0.0.0/8', '::'),
  network('loopback', '127.0.0.0/8', '::1'),
  network(
    'cloud metadata',
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd20:ce::254',
  ),
  network('link-local', '169.254.0.0/16', 'fe80::/10'),
  network('multicast', '224.0.0.0/4', 'ff00::/8'),
  network('broadcast', '255.255.255.255'),
  network('reserved', '240.0.0.0/4', '192.0.0.0/24'),
  // an IPv4 address embedded in an IPv6 one would bypass the rules for IPv4
  network('embedded IPv4', '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32', 'fec0::/10'),
];

/** What is allowed by default: networks that are not reachable from the internet. */
export const PRIVATE_NETWORKS: readonly string[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  'fc00::/7',
  // for documentation; no host has them
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '2001:db8::/32',
];
