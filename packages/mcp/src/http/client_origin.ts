import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Where a request came from, and how. */
export interface ClientOrigin {
  /** The client's address, as the last proxy that is trusted saw it. */
  address: string;
  /** Whether the client's connection has TLS. */
  isSecure: boolean;
}

/**
 * Tells where requests come from. X-Forwarded-For and X-Forwarded-Proto are believed only from a trusted proxy, and only as far
 * as trusted proxies wrote them: whatever a client has sent in them itself stands further left.
 *
 * @param trusted addresses and networks of proxies, such as `10.0.0.0/8`
 */
export function createClientOrigin(trusted: readonly string[]): (request: IncomingMessage) => ClientOrigin {
  const proxies = new BlockList();
  for (const each of trusted) {
    const [address = '', bits] = each.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  const isTrusted = (address: string): boolean =>
    isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return ({ socket, headers }) => {
    let address = plainAddress(socket.remoteAddress ?? '');
    const isTls = 'encrypted' in socket && socket.encrypted === true;
    if (!isTrusted(address)) return { address, isSecure: isTls };
    const hops = valuesOf(headers['x-forwarded-for']).map(plainAddress);
    while (isTrusted(address)) {
      const before = hops.pop();
      if (before === undefined || isIP(before) === 0) break;
      address = before;
    }
    return { address, isSecure: isTls || valuesOf(headers['x-forwarded-proto']).at(-1) === 'https' };
  };
}

/** The values of a header that was sent once or more often, in their order. */
function valuesOf(header: string | string[] | undefined): string[] {
  return [header ?? []]
    .flat()
    .flatMap((line) => line.split(','))
    .map((value) => value.trim().toLowerCase());
}

/** An address without port and brackets; IPv4 that came over an IPv6 socket is IPv4. */
function plainAddress(text: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(text)?.[1] ?? text;
  return /^::ffff:(\d+(?:\.\d+){3})$/i.exec(bare)?.[1] ?? bare;
}
