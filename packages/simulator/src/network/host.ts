import { formatAddress, type Target } from '@nmcp/types';
import { fraction, hexDigits, pick } from './random.ts';

/** What a simulated host is. */
export type HostKind = 'linux' | 'windows' | 'network' | 'printer';

/** A simulated host. */
export interface SimulatedHost {
  /** As the scan names it: an address, or the name that was asked for. */
  name: string;
  ip: string;
  kind: HostKind;
  fqdn: string;
  mac: string;
  os: string;
}

const KINDS: readonly [HostKind, ...HostKind[]] = [
  'linux',
  'linux',
  'linux',
  'windows',
  'windows',
  'network',
  'printer',
];

const SYSTEMS: Readonly<Record<HostKind, readonly [string, ...string[]]>> = {
  linux: [
    'Linux Kernel 5.15 on Ubuntu 22.04 (jammy)',
    'Linux Kernel 6.1 on Debian 12.5',
    'Linux Kernel 4.18.0 on Red Hat Enterprise Linux release 8.9',
    'Linux Kernel 3.10 on CentOS Linux release 7.9.2009',
  ],
  windows: [
    'Microsoft Windows Server 2019 Standard Build 17763',
    'Microsoft Windows Server 2012 R2 Standard',
    'Microsoft Windows 10 Enterprise Build 19045',
  ],
  network: ['CISCO IOS 15', 'Juniper Junos 21.4R3'],
  printer: ['HP JetDirect Printer', 'KONICA MINOLTA Printer'],
};

/** A seeded network in which every address always gives the same answer. */
export interface SimulatedNetwork {
  /** Number of addresses and names of a scan. */
  size(targets: readonly Target[]): bigint;
  /** The name of the target at an index. */
  nameAt(targets: readonly Target[], index: number): string;
  /** The host at an index; `undefined` when nothing answers there. */
  hostAt(targets: readonly Target[], index: number): SimulatedHost | undefined;
}

/** Makes the network of a seed: about three in four addresses answer, a single target always does. */
export function createNetwork(seed: number): SimulatedNetwork {
  const sizes = new WeakMap<readonly Target[], bigint>();

  function size(targets: readonly Target[]): bigint {
    const known = sizes.get(targets);
    if (known !== undefined) return known;
    const sum = targets.reduce((total, t) => total + (t.kind === 'range' ? t.last - t.first + 1n : 1n), 0n);
    sizes.set(targets, sum);
    return sum;
  }

  function nameAt(targets: readonly Target[], index: number): string {
    let rest = BigInt(index);
    for (const target of targets) {
      const length = target.kind === 'range' ? target.last - target.first + 1n : 1n;
      if (rest < length)
        return target.kind === 'range' ? formatAddress(target.family, target.first + rest) : target.name;
      rest -= length;
    }
    throw new RangeError(`No target at ${index}`);
  }

  return {
    size,
    nameAt,
    hostAt(targets, index) {
      const name = nameAt(targets, index);
      const key = `${seed}/${name}`;
      if (size(targets) > 1n && fraction(`${key}/up`) >= 0.75) return undefined;
      return describeHost(name, key);
    },
  };
}

function describeHost(name: string, key: string): SimulatedHost {
  const kind = pick(KINDS, `${key}/kind`);
  const isAddress = /^[\d.]+$|:/.test(name);
  const ip = isAddress ? name : `192.0.2.${1 + Math.floor(fraction(`${key}/ip`) * 254)}`;
  const label = isAddress ? `${kind}-${ip.replaceAll(/[.:]+/g, '-')}` : name;
  return {
    name,
    ip,
    kind,
    fqdn: isAddress ? `${label}.example.test` : name,
    mac: `02:${hexDigits(`${key}/mac`, 10).replaceAll(/(..)(?=.)/g, '$1:')}`.toUpperCase(),
    os: pick(SYSTEMS[kind], `${key}/os`),
  };
}
