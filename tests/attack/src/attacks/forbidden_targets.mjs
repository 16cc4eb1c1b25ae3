// Targets that may not be scanned, in every notation.
import { assert, toolRefused } from '../expect.mjs';

const FORBIDDEN = [
  ['loopback', '127.0.0.1'],
  ['loopback by another address', '127.8.8.8'],
  ['loopback by name', 'localhost'],
  ['loopback by a name with a dot', 'localhost.'],
  ['loopback in IPv6', '::1'],
  ['loopback, mapped', '::ffff:127.0.0.1'],
  ['loopback, mapped in hexadecimal', '::ffff:7f00:1'],
  ['loopback, compatible', '::127.0.0.1'],
  ['loopback as one number', '2130706433'],
  ['loopback in hexadecimal', '0x7f.0.0.1'],
  ['loopback in octal', '0177.0.0.1'],
  ['loopback, shortened', '127.1'],
  ['the unspecified address', '0.0.0.0'],
  ['the unspecified address in IPv6', '::'],
  ['cloud metadata', '169.254.169.254'],
  ['cloud metadata, mapped', '::ffff:169.254.169.254'],
  ['cloud metadata through NAT64', '64:ff9b::a9fe:a9fe'],
  ['cloud metadata through 6to4', '2002:a9fe:a9fe::'],
  ['cloud metadata in IPv6', 'fd00:ec2::254'],
  ['link-local', 'fe80::1'],
  ['multicast', '224.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['a public address', '8.8.8.8'],
  ['a denied network', '10.99.3.4'],
  ['a denied network, mapped', '::ffff:10.99.3.4'],
  ['a denied network, compatible', '::10.99.3.4'],
  ['a denied network within a larger one', '10.98.0.0/15'],
  ['a denied network at the end of a range', '10.98.255.250-10.99.0.1'],
  ['a denied network among others', '10.0.0.1,10.99.0.1,10.0.0.2'],
  ['a denied address of another network', '192.168.66.6'],
  ['a denied address in a small range', '192.168.66.1-9'],
  ['a denied network of IPv6', 'fd00:bad::5'],
  ['a denied network of IPv6, written out', 'fd00:0bad:0000:0000:0000:0000:0000:0005'],
  ['a name pinned to a denied address', 'harmless.example[10.99.0.1]'],
  ['a name pinned to loopback', 'harmless.example[127.0.0.1]'],
  ['a name that does not resolve', 'does-not-exist.invalid'],
  ['a name with a line break', '10.0.0.1\n127.0.0.1'],
  ['a name with an option', '-oX /tmp/x'],
  ['full-width digits', '１２７.0.0.1'],
  ['a URL', 'http://10.0.0.1/'],
  ['a zone', 'fe80::1%eth0'],
];

export const attacks = [
  ...FORBIDDEN.map(([what, targets]) => ({
    name: `scanning ${what} (${JSON.stringify(targets)})`,
    run: async (w) =>
      toolRefused(await w.call('mallory', 'run_untrusted_scan', { targets, name: 'forbidden' })),
  })),
  {
    name: 'scanning the scanner itself',
    run: async (w) => {
      const { hostname } = new URL(w.simulator.url);
      toolRefused(await w.call('mallory', 'run_untrusted_scan', { targets: hostname, name: 'n' }));
    },
  },
  {
    name: 'none of them reached the scanner',
    run: async (w) => {
      assert.ok(!JSON.stringify(w.simulator.scans()).includes('forbidden'));
    },
  },
];
