import { describe, expect, test } from 'vitest';
import { createScanPolicy, parsePolicy, type ScanPolicy, type ScanPolicyOptions } from './mod.ts';

const NAMES: Readonly<Record<string, string[]>> = {
  'web.corp.example': ['10.0.0.7'],
  'two.corp.example': ['10.0.0.8', '10.0.0.9'],
  'mixed.corp.example': ['10.0.0.8', '169.254.169.254'],
  'rebinding.example': ['127.0.0.1'],
  'public.example': ['8.8.8.8'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'nessus.corp.example': ['10.5.5.5'],
  'secret.corp.example': ['10.3.3.3'],
};

function policy(yaml = '', options: Partial<ScanPolicyOptions> = {}): ScanPolicy {
  return createScanPolicy({
    document: parsePolicy(yaml),
    resolve: async (name) => NAMES[name] ?? [],
    own: ['nessus.corp.example', '10.6.6.6'],
    ...options,
  });
}

const ask = (p: ScanPolicy, targets: string, pool = 'nessus', caller = 'local'): Promise<string> =>
  p.admit({ targets, pool, caller }).then(
    ({ targets: pinned }) => pinned,
    (error) => `${error.code}: ${error.message}`,
  );

describe('without a policy', () => {
  test.each([
    ['a private network', '10.0.0.0/16'],
    ['172.16.0.1', '172.16.0.1'],
    ['192.168.1.1-20', '192.168.1.1-20'],
    ['fd12::/112', 'fd12::/112'],
    ['a name', 'web.corp.example', 'web.corp.example[10.0.0.7]'],
    ['a name of two addresses', 'two.corp.example', 'two.corp.example[10.0.0.8]'],
    ['a pinned name', 'any.thing[10.0.0.3]', 'any.thing[10.0.0.3]'],
  ])('%s is allowed', async (_name, targets, pinned = targets) => {
    expect(await ask(policy(), targets)).toBe(pinned);
  });

  test.each([
    ['a public address', '8.8.8.8', /"8\.8\.8\.8": the default does not include it/],
    ['one public address among others', '10.0.0.1, 10.0.0.2, 1.1.1.1', /"1\.1\.1\.1": the default/],
    ['a network that reaches out', '10.0.0.0-11.0.0.5', /max_hosts_per_scan|\(11\.0\.0\.0\)/],
    ['the edge of a private network', '172.31.255.250-172.32.0.3', /\(172\.32\.0\.0\)/],
    ['everything', '0.0.0.0/0', /4294967296 addresses; a scan may have at most 65536/],
    ['all of IPv6', '::/0', /addresses; a scan may have/],
    ['2^32 addresses in a few bytes', '10.0.0.0/0', /4294967296 addresses/],
    ['loopback', '127.0.0.1', /always denied unless named: loopback/],
    ['loopback of IPv6', '::1', /loopback/],
    ['this host', '0.0.0.0', /this host/],
    ['cloud metadata', '169.254.169.254', /cloud metadata/],
    ['cloud metadata of AWS in IPv6', 'fd00:ec2::254', /cloud metadata/],
    [
      'cloud metadata within a private network',
      '100.100.100.0/24',
      /\(100\.100\.100\.200\): .*cloud metadata/,
    ],
    ['link-local', '169.254.1.1', /link-local/],
    ['link-local of IPv6', 'fe80::1', /link-local/],
    ['multicast', '224.0.0.251', /multicast/],
    ['multicast of IPv6', 'ff02::1', /multicast/],
    ['broadcast', '255.255.255.255', /broadcast/],
    ['an IPv4-mapped loopback', '::ffff:127.0.0.1', /loopback/],
    ['an IPv4-mapped metadata address in hexadecimal', '::ffff:a9fe:a9fe', /cloud metadata/],
    ['an IPv4-compatible address', '::127.0.0.1', /loopback/],
    ['a NAT64 address', '64:ff9b::7f00:1', /embedded IPv4/],
    ['a 6to4 address', '2002:7f00:1::', /embedded IPv4/],
    ['a Teredo address', '2001:0:1::', /embedded IPv4/],
    ['CIDR with host bits that reaches loopback', '127.5.5.5/30', /loopback/],
    [
      'a name for loopback (rebinding)',
      'rebinding.example',
      /"rebinding\.example" \(127\.0\.0\.1\): .*loopback/,
    ],
    ['a name with one bad answer', 'mixed.corp.example', /\(169\.254\.169\.254\): .*cloud metadata/],
    ['a name for a public address', 'public.example', /\(8\.8\.8\.8\): the default/],
    ['a name for a mapped loopback', 'mapped.example', /\(127\.0\.0\.1\): .*loopback/],
    ['a name that is pinned to loopback', 'web.corp.example[127.0.0.1]', /loopback/],
    ['a name that nobody knows', 'nobody.example', /has no address, so what would be scanned is unknown/],
    ["the scanner's own address by name", 'nessus.corp.example', /an address of the scanners or the queue/],
    [
      "the scanner's own address in a network",
      '10.5.5.0/24',
      /\(10\.5\.5\.5\): .*an address of the scanners or the queue/,
    ],
    ["the queue's own address", '10.6.6.6', /an address of the scanners or the queue/],
    ['a decimal address', '2130706433', /not an IPv4 address/],
    ['an octal address', '0177.0.0.1', /not an IPv4 address/],
    ['a hexadecimal address', '0x7f.0.0.1', /host name|number/],
    ['a short address', '127.1', /not an IPv4 address/],
    ['a name with an injected line', 'web.corp.example\n127.0.0.1', /loopback/],
    ['a name with an injected option', 'web.corp.example --script', /neither an address/],
    ['a name with a zero byte', 'web.corp.example\u0000', /neither an address/],
    ['an address with a zone', 'fe80::1%eth0', /not an IPv6 address/],
    ['full-width digits', '１２７.0.0.1', /neither an address|not an/],
  ])('%s is denied', async (_name, targets, why) => {
    expect(await ask(policy(), targets)).toMatch(why);
  });
});

describe('a policy', () => {
  const YAML = `
default:
  allow: [10.0.0.0/8, 203.0.113.0/24]
  deny: [10.9.0.0/16, 10.9.1.0/24, secret.corp.example, "*.vault.example"]
pools:
  dmz:
    allow: [192.168.0.0/16, 127.0.0.1, 0.0.0.0/0]
callers:
  alice:
    allow: [10.1.0.0/16]
    max_hosts_per_scan: 256
    max_hosts_per_day: 300
`;
  test.each([
    ['deny wins over allow', '10.9.1.7', 'nessus', 'local', /default\.deny: 10\.9\.(?:0\.0\/16|1\.0\/24)/],
    [
      'also where the networks overlap in part',
      '10.8.255.0-10.9.0.0',
      'nessus',
      'local',
      /\(10\.9\.0\.0\).*default\.deny/,
    ],
    ['a denied name', 'secret.corp.example', 'nessus', 'local', /default\.deny: secret\.corp\.example/],
    ['below a denied name', 'a.b.vault.example', 'nessus', 'local', /default\.deny: \*\.vault\.example/],
    ['a denied name that is pinned', 'SECRET.corp.example.[10.0.0.1]', 'nessus', 'local', /default\.deny/],
    [
      "a caller's list holds for the caller",
      '10.2.0.1',
      'nessus',
      'alice',
      /callers\.alice\.allow does not include it/,
    ],
    ["a pool's list holds in the pool", '10.0.0.1', 'dmz', 'local', '10.0.0.1'],
    ['both lists hold', '192.168.0.1', 'dmz', 'alice', /callers\.alice\.allow/],
    ['a large network names no special one', '127.0.0.2', 'dmz', 'local', /loopback/],
    ['an address that is named is allowed', '127.0.0.1', 'dmz', 'local', '127.0.0.1'],
    ["deny of the default holds in a pool's own list too", '10.9.0.1', 'dmz', 'local', /default\.deny/],
    [
      'limits hold for a caller',
      '10.1.0.0/23',
      'nessus',
      'alice',
      /512 addresses; a scan may have at most 256/,
    ],
    ['a name that is a property of every object', '10.0.0.1', 'nessus', '__proto__', '10.0.0.1'],
  ])('%s', async (_name, targets, pool, caller, expected) => {
    const answer = await ask(policy(YAML), targets, pool, caller);
    if (typeof expected === 'string') expect(answer).toBe(expected);
    else expect(answer).toMatch(expected);
  });

  test('a day has a limit', async () => {
    const question = { targets: '10.1.0.0/25', pool: 'nessus', caller: 'alice' };
    await expect(policy(YAML).admit({ ...question, hostsToday: 128n })).resolves.toMatchObject({
      hosts: 128n,
    });
    await expect(policy(YAML).admit({ ...question, hostsToday: 200n })).rejects.toThrow(
      /200 were submitted in the last 24 hours; at most 300 are allowed/,
    );
  });

  test.each([
    ['2026-11-24T21:59:00Z', false], // Tuesday, 22:59 in Berlin
    ['2026-11-24T22:00:00Z', true],
    ['2026-11-25T02:30:00Z', true], // the window of Tuesday goes on
    ['2026-11-25T05:00:00Z', false],
    ['2026-11-28T22:30:00Z', false], // Saturday
  ])('at %s scanning is allowed: %s', async (at, allowed) => {
    const yaml =
      'default:\n  timezone: Europe/Berlin\n  windows:\n    - {days: [mon, tue, wed, thu, fri], from: "23:00", to: "06:00"}\n';
    const answer = await ask(policy(yaml, { clock: () => Date.parse(at) }), '10.0.0.1');
    expect(answer).toMatch(
      allowed
        ? /^10\.0\.0\.1$/
        : /not allowed now \(default\.windows\); it is allowed mon, .* 23:00 to 06:00 \(Europe\/Berlin\)/,
    );
  });

  test('that is reloaded holds from then on', async () => {
    const p = policy();
    expect(await ask(p, '10.0.0.1')).toBe('10.0.0.1');
    p.reload(parsePolicy('default:\n  deny: [10.0.0.0/8]\n'));
    expect(await ask(p, '10.0.0.1')).toMatch(/default\.deny: 10\.0\.0\.0\/8/);
  });

  test('decides about a /8 without 10,000 networks in less than a millisecond', async () => {
    const deny = Array.from({ length: 10_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/26`);
    const p = policy(
      `default:\n  max_hosts_per_scan: 20000000\n  allow: [10.0.0.0/8]\n  deny: [${deny.join(', ')}]\n`,
    );
    await ask(p, '10.200.0.0/16'); // the rules are compiled once
    expect(await ask(p, '10.0.0.0/8')).toMatch(/\(10\.0\.0\.0\): default\.deny: 10\.0\.0\.0\/26/);
    expect(await ask(p, '10.100.0.0/16')).toBe('10.100.0.0/16');
  });
});

describe('a person is asked', () => {
  const YAML = `
default:
  approval: {hosts_above: 16, targets: [10.1.0.0/16, "*.prod.example"]}
callers:
  alice:
    approval: {credentialed: true}
`;
  test.each<[string, string, boolean, RegExp | undefined]>([
    ['10.0.0.0/28', 'bob', false, undefined],
    ['10.0.0.0/28', 'bob', true, undefined],
    ['10.0.0.0/28', 'alice', true, /it logs in to hosts \(callers\.alice\.approval\.credentialed\)/],
    ['10.0.0.0/27', 'bob', false, /it has 32 addresses, more than 16/],
    [
      '10.0.255.250-10.1.0.5',
      'bob',
      false,
      /it touches 10\.0\.255\.250-10\.1\.0\.5 \(default\.approval\.targets\)/,
    ],
    ['db.PROD.example', 'bob', false, /it touches db\.PROD\.example/],
    ['any[10.1.2.3]', 'bob', false, /it touches/],
  ])('%s by %s, with credentials: %s', (targets, caller, credentialed, why) => {
    const need = policy(YAML).approvalNeed({ targets, pool: 'nessus', caller, credentialed });
    if (why) expect(need).toEqual({ reason: expect.stringMatching(why), by: 'user' });
    else expect(need).toBeUndefined();
  });

  test("an operator's, where any part that asks says so", () => {
    const p = policy(
      'default:\n  approval: {hosts_above: 1}\npools:\n  nessus:\n    approval: {credentialed: true, by: operator}\n',
    );
    const question = { targets: '10.0.0.0/28', pool: 'nessus', caller: 'bob' };
    expect(p.approvalNeed({ ...question, credentialed: false })?.by).toBe('user');
    expect(p.approvalNeed({ ...question, credentialed: true })).toEqual({
      reason: 'it logs in to hosts (pools.nessus.approval.credentialed)',
      by: 'operator',
    });
  });

  test('about a name by the address that it has', async () => {
    const p = policy(`default:\n  approval: {targets: [10.0.0.7]}\n`);
    const question = { pool: 'nessus', caller: 'bob', credentialed: false };
    const { targets } = await p.admit({ ...question, targets: 'web.corp.example' });
    expect(p.approvalNeed({ ...question, targets })?.reason).toMatch(
      /it touches web\.corp\.example\[10\.0\.0\.7\]/,
    );
  });
});

test.each([
  ['default:\n  alow: [10.0.0.0/8]\n', /policy\.yaml:2: default\.alow: is not a setting of a policy/],
  ['default:\n  allow: [10.0.0.0/33]\n', /policy\.yaml:2: default\.allow\.0: is neither an address/],
  ['default:\n  allow:\n    - 10.0.0.0/8\n    - "*.*"\n', /policy\.yaml:4: default\.allow\.1/],
  ['default:\n  windows: []\n', /windows: is empty/],
  ['default:\n  windows: [{from: "25:00", to: "06:00"}]\n', /expected a time such as "22:30"/],
  ['default:\n  timezone: Mars\n', /is not a time zone/],
  ['default: [\n', /policy\.yaml:\d/],
  ['pools:\n  nessus:\n    max_hosts_per_scan: 0\n', /policy\.yaml:3: pools\.nessus\.max_hosts_per_scan/],
])('a file with a fault says where: %j', (yaml, why) => {
  expect(() => parsePolicy(yaml)).toThrow(why);
});

test('addresses of our own are those of the newest scanners, and a name that cannot be looked up is tried again', async () => {
  let fails = true;
  const p = policy('', {
    own: ['nessus.corp.example'],
    resolve: async (name) => {
      if (fails) throw new Error('the name server does not answer');
      return NAMES[name] ?? [];
    },
  });
  expect(await ask(p, '10.5.5.5')).toBe('10.5.5.5');
  fails = false;
  expect(await ask(p, '10.5.5.5')).toMatch(/an address of the scanners or the queue/);
  p.reload({}, ['10.7.7.7']);
  expect(await ask(p, '10.5.5.5')).toBe('10.5.5.5');
  expect(await ask(p, '10.7.7.7')).toMatch(/an address of the scanners or the queue/);
});
