import { expect, test } from 'vitest';
import { compareVersions, fixOf } from './fix_of.ts';

test.each<[string, string, string | undefined, string | undefined]>([
  ['Upgrade to Apache version 2.4.64 or later.', 'x', 'Apache', '2.4.64'],
  ['Upgrade to Apache Log4j version 2.17.1 or later.', 'x', 'Apache Log4j', '2.17.1'],
  ['Upgrade to OpenSSL version 1.1.1w or later.', 'x', 'OpenSSL', '1.1.1w'],
  ['Update Mozilla Firefox to version 140.0.1 or later.', 'x', 'Mozilla Firefox', '140.0.1'],
  ['Upgrade to PHP version 7.3.15 / 7.4.3 / 7.2.28 or later.', 'x', 'PHP', '7.4.3'],
  ['Upgrade to nginx 1.25.3 or later.', 'x', 'nginx', '1.25.3'],
  ['Upgrade to Apache Tomcat version 9.0.31, 8.5.51 or later', 'x', 'Apache Tomcat', '9.0.31'],
  ['Either patch or upgrade to 3.6.4 / 3.5.14 / 3.4.16 or later.', 'Samba 3.x < 3.6.4 RPC', 'Samba', '3.6.4'],
  ['Upgrade to version 3.2 or later.', 'Samba 3.x < 3.2 Overflow', 'Samba', '3.2'],
  ['Update the affected packages.', 'x', undefined, undefined],
  ['Disable Telnet and use SSH version 2 instead.', 'x', undefined, undefined],
])('%s', (solution, plugin_name, product, version) => {
  expect(fixOf({ solution, plugin_name })).toMatchObject({
    ...(product === undefined ? { solution } : { product, version }),
  });
});

test.each(['n/a', '', 'N/A.'])('%j is no fix', (solution) => {
  expect(fixOf({ solution, plugin_name: 'x' })).toBeUndefined();
});

test('steps of one product have one key, whatever the version; other solutions are steps of their own', () => {
  const keyOf = (solution: string): string | undefined => fixOf({ solution, plugin_name: 'x' })?.key;
  expect(keyOf('Upgrade to Apache version 2.4.51 or later')).toBe(
    keyOf('Upgrade to Apache  version 2.4.64\nor later.'),
  );
  expect(keyOf('Upgrade to Apache version 2.4.51')).not.toBe(keyOf('Upgrade to Apache Tomcat version 9.0.1'));
  expect(keyOf('Disable SMBv1.')).not.toBe(keyOf('Enforce message signing.'));
});

test('versions rise by numbers, not by text', () => {
  const versions = ['2.4.9', '2.4.64', '1.1.1w', '1.1.1', '10.0', '9.0.31', '1.1.1k'];
  expect(versions.sort(compareVersions)).toEqual([
    '1.1.1',
    '1.1.1k',
    '1.1.1w',
    '2.4.9',
    '2.4.64',
    '9.0.31',
    '10.0',
  ]);
});
