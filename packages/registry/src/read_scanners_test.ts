import { describe, expect, test } from 'vitest';
import { parseScanners, readScanners } from './mod.ts';

const environment = { NESSUS_URL: 'https://a:8834', NESSUS_PASSWORD: 'pass: "word" #1', EMPTY: '' };
const parse = (text: string): ReturnType<typeof parseScanners> => parseScanners(text, { environment });

const GOOD = `# pools
nessus:
  - instance_id: scanner1
    name: Scanner 1
    url: \${NESSUS_URL}
    username: \${NESSUS_USERNAME:-nessus}
    password: \${NESSUS_PASSWORD}
    enabled: \${ENABLED:-true}
    max_concurrent_scans: \${SLOTS:-3}
nessus_dmz:
  - {instance_id: d1, url: "https://d:8834", access_key: a, secret_key: s, enabled: false, tls: {insecure: true}}
`;

test('pools, variables and defaults', () => {
  const pools = parse(GOOD);
  expect([...pools.keys()]).toEqual(['nessus', 'nessus_dmz']);
  expect([...pools.values()].flat()).toEqual([
    {
      pool: 'nessus',
      scanner_type: 'nessus',
      instance_id: 'scanner1',
      name: 'Scanner 1',
      url: 'https://a:8834',
      enabled: true,
      max_concurrent_scans: 3,
      tls: {},
      auth: { username: 'nessus', password: 'pass: "word" #1' },
    },
    {
      pool: 'nessus_dmz',
      scanner_type: 'nessus',
      instance_id: 'd1',
      name: 'd1',
      url: 'https://d:8834',
      enabled: false,
      max_concurrent_scans: 2,
      tls: { insecure: true },
      auth: { accessKey: 'a', secretKey: 's' },
    },
  ]);
});

const entry = (lines: string): string =>
  `nessus:\n  - instance_id: s1\n    url: https://x:8834\n    username: u\n    password: p\n${lines}`;

describe('errors name the line', () => {
  test.each([
    ['broken YAML', 'nessus:\n  - a: [1\n', /^scanners\.yaml:\d: /],
    ['nothing', '', /expected pools with lists of scanners/],
    ['a list', '- a\n', /expected pools with lists/],
    [
      'an unset variable',
      entry('    name: ${NOPE}\n'),
      /^scanners\.yaml:6: the environment variable NOPE is not set; set it, or write \$\{NOPE:-default\}$/,
    ],
    [
      'an empty variable',
      entry('    name: ${EMPTY}\n'),
      /^scanners\.yaml:6: the environment variable EMPTY is not set/,
    ],
    ['a malformed reference', entry('    name: ${A B}\n'), /:6: \$\{A B\} is not a variable reference/],
    [
      'an unknown field',
      entry('    max_scans: 3\n'),
      /:6: nessus\.0\.max_scans: is not a setting of a scanner/,
    ],
    [
      'a wrong number',
      entry('    max_concurrent_scans: lots\n'),
      /:6: nessus\.0\.max_concurrent_scans: expected a whole number from 1/,
    ],
    ['a wrong flag', entry('    enabled: maybe\n'), /:6: nessus\.0\.enabled: expected true or false/],
    [
      'a wrong url',
      'nessus:\n  - instance_id: s1\n    url: ftp://x\n    username: u\n    password: p\n',
      /:3: nessus\.0\.url: is not a URL/,
    ],
    [
      'no url',
      'nessus:\n  - instance_id: s1\n    username: u\n    password: p\n',
      /:2: nessus\.0\.url: is missing/,
    ],
    [
      'no login',
      'nessus:\n  - instance_id: s1\n    url: https://x\n',
      /:2: nessus\.0: expected either username and password, or access_key and secret_key/,
    ],
    [
      'a twin',
      `${entry('')}  - instance_id: s1\n    url: https://y\n    username: u\n    password: p\n`,
      /:6: nessus\.1\.instance_id: s1 occurs twice/,
    ],
    ['a wrong pool name', 'a b:\n  - instance_id: s1\n', /:1: a b: is not a valid pool name/],
    [
      'a template beside a policy',
      entry('    scan: {template: basic, policy: Ours}\n'),
      /:6: nessus\.0\.scan: expected either template or policy/,
    ],
    [
      'a field that is ours',
      entry('    scan:\n      settings: {name: x}\n'),
      /:7: nessus\.0\.scan\.settings: cannot have name, text_targets/,
    ],
    [
      'an unknown algorithm',
      entry('    snmp_v3: {auth_algorithm: SHA-3}\n'),
      /:6: nessus\.0\.snmp_v3\.auth_algorithm: .*SHA-512/,
    ],
    [
      'a limit of nothing',
      entry('    limits: {calls_per_minute: 0}\n'),
      /:6: nessus\.0\.limits\.calls_per_minute: expected a number from 1/,
    ],
    ['an empty pool', 'nessus: []\n', /:1: nessus: expected a list of scanners/],
  ])('%s', (_name, text, why) => {
    expect(() => parse(text)).toThrow(why);
  });
});

describe('what v3.0 starts with is passed over, and told', () => {
  const fine = '  - {instance_id: s1, url: "https://x:8834", username: u, password: p}\n';

  test.each<[string, string, RegExp[]]>([
    [
      'a disabled scanner whose variables are not set',
      `nessus:\n${fine}  - {instance_id: s2, url: "\${NESSUS_URL_2}", username: u, password: "\${NOPE}", enabled: false}\n`,
      [],
    ],
    [
      'an enabled one',
      `nessus:\n${fine}  - {instance_id: s2, url: "https://y", username: u, password: "\${NOPE}"}\n`,
      [/^scanners\.yaml:3: the environment variable NOPE is not set/],
    ],
    [
      'a pool of another kind',
      `openvas:\n${fine}nessus:\n${fine}`,
      [/:1: openvas: has scanners of the type openvas/],
    ],
    [
      'settings that there are not',
      `nessus:\n${fine.replace('password: p', 'password: p, verify_ssl: false, timeout: 30')}`,
      [/nessus\.0\.verify_ssl: is not a setting/, /nessus\.0\.timeout: is not a setting/],
    ],
    [
      'an entry that cannot be used',
      `nessus:\n${fine}  - {instance_id: s2}\n`,
      [/nessus\.1\.url: is missing/],
    ],
    ['a pool that is no list', `defaults: {timeout: 30}\nnessus:\n${fine}`, [/:1: defaults: /]],
  ])('%s', (_what, text, expected) => {
    const told: string[] = [];
    const pools = parseScanners(text, { environment, onFault: ({ error }) => told.push(error.message) });
    expect([...pools.values()].flat().map(({ instance_id }) => instance_id)).toEqual(['s1']);
    expect(told).toEqual(expected.map((why) => expect.stringMatching(why)));
  });

  test('a file that is no mapping of pools is not', () => {
    expect(() => parseScanners('- a\n', { environment, onFault: () => {} })).toThrow(/expected pools/);
  });
});

test('a password is never part of an error', () => {
  const text = entry('    enabled: ${NESSUS_PASSWORD}\n').replace('password: p', 'password: hunter2');
  expect(() => parse(text)).toThrow(/^(?!.*(hunter2|word)).*$/);
});

test('a file that is not there is named', async () => {
  await expect(readScanners('/nowhere/scanners.yaml', {})).rejects.toThrow(
    /configuration cannot be read: .*\/nowhere\/scanners\.yaml/,
  );
});
