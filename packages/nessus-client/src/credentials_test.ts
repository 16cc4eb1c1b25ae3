import { describe, expect, expectTypeOf, test } from 'vitest';
import { credentialSet, type Logins, type SshEscalation } from './mod.ts';

describe('logins become what POST /scans takes', () => {
  const ssh = (escalation: SshEscalation): unknown =>
    credentialSet({ ssh: [{ auth: 'password', username: 'u', password: 'p', escalation }] }).add.Host
      ?.SSH?.[0];

  test.each<[SshEscalation, object]>([
    [{ method: 'Nothing' }, {}],
    [
      { method: 'sudo', account: 'root', password: 'x' },
      { escalation_account: 'root', escalation_password: 'x' },
    ],
    [{ method: 'su', password: 'x' }, { escalation_password: 'x' }],
    [
      { method: 'su+sudo', suUser: 'ops', password: 'x' },
      { su_user: 'ops', escalation_password: 'x' },
    ],
    [{ method: 'pbrun', account: 'root' }, { escalation_account: 'root' }],
    [{ method: 'dzdo', directory: '/usr/bin' }, { bin_directory: '/usr/bin' }],
    [{ method: '.k5login', account: 'root' }, { escalation_account: 'root' }],
    [{ method: "Cisco 'enable'", password: 'x' }, { escalation_password: 'x' }],
    [{ method: "Checkpoint Gaia 'expert'", password: 'x' }, { escalation_password: 'x' }],
  ])('SSH with %o', (escalation, fields) => {
    expect(ssh(escalation)).toEqual({
      auth_method: 'password',
      username: 'u',
      password: 'p',
      elevate_privileges_with: escalation.method,
      ...fields,
    });
  });

  test('keys and certificates, Windows and SNMPv3', () => {
    expect(
      credentialSet({
        ssh: [
          { auth: 'public key', username: 'u', privateKey: 'id_ed25519', passphrase: 'x' },
          { auth: 'certificate', username: 'u', certificate: 'cert', privateKey: 'key' },
        ],
        windows: [
          { auth: 'Password', username: 'u', password: 'p', domain: 'EXAMPLE' },
          { auth: 'NTLM Hash', username: 'u', hash: 'h' },
          { auth: 'Kerberos', username: 'u', password: 'p', domain: 'EXAMPLE', kdcHost: 'kdc' },
        ],
        snmpV3: [
          {
            level: 'Authentication and privacy',
            username: 'u',
            authAlgorithm: 'SHA-256',
            authPassword: 'a',
            privacyAlgorithm: 'AES',
            privacyPassword: 'b',
          },
        ],
      }),
    ).toMatchSnapshot();
  });
});

test.each<[string, unknown, RegExp]>([
  ['nothing', {}, /has no login/],
  [
    'an empty password',
    { ssh: [{ auth: 'password', username: 'u', password: '' }] },
    /ssh\[0\]\.password is missing/,
  ],
  [
    'an unknown way',
    { ssh: [{ auth: 'telepathy', username: 'u' }] },
    /ssh\[0\]\.auth is unknown; expected one of password/,
  ],
  [
    'su without a password',
    { ssh: [{ auth: 'password', username: 'u', password: 'p', escalation: { method: 'su' } }] },
    /ssh\[0\]\.escalation\.password is missing/,
  ],
  [
    'privacy without a password',
    {
      snmpV3: [
        {
          level: 'Authentication and privacy',
          username: 'u',
          authAlgorithm: 'SHA1',
          authPassword: 'sesame-1',
        },
      ],
    },
    /snmpV3\[0\]\.privacyAlgorithm is missing/,
  ],
])('%s is refused, and no secret is told', (_name, logins, why) => {
  // what a program without types can ask for
  expect(() => credentialSet(logins as Logins)).toThrow(why);
  expect(() => credentialSet(logins as Logins)).not.toThrow(/sesame/);
});

test('a wrong combination does not compile', () => {
  expectTypeOf<{ method: 'su'; password: string }>().toExtend<SshEscalation>();
  expectTypeOf<{ method: 'su' }>().not.toExtend<SshEscalation>();
  expectTypeOf<{ method: '.k5login'; password: string }>().not.toExtend<SshEscalation>();
  type Windows = NonNullable<Logins['windows']>[number];
  expectTypeOf<{ auth: 'Kerberos'; username: string; password: string }>().not.toExtend<Windows>();
  type Snmp = NonNullable<Logins['snmpV3']>[number];
  expectTypeOf<{ level: 'Authentication and privacy'; username: string }>().not.toExtend<Snmp>();
});
