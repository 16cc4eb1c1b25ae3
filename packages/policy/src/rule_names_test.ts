import { NmcpError } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { createScanPolicy, lookUpFacts, parsePolicy, type ScanPolicy } from './mod.ts';

const BEGUN = Date.parse('2026-11-24T12:00:00Z');

/** A policy whose name server can be changed. */
function stage(yaml: string): {
  policy: ScanPolicy;
  names: Map<string, string[] | Error>;
  at: { now: number };
} {
  const names = new Map<string, string[] | Error>([
    ['secret.example', ['10.0.0.7', '10.0.0.8']],
    ['alias.example', ['10.0.0.8']],
    ['web.example', ['10.1.0.1']],
    ['other.example', ['10.0.0.9']],
  ]);
  const at = { now: BEGUN };
  const resolve = async (name: string): Promise<string[]> => {
    const answer = names.get(name) ?? [];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const policy = createScanPolicy({ document: parsePolicy(yaml), resolve, clock: () => at.now });
  return { policy, names, at };
}

const question = { pool: 'nessus', caller: 'bob' };

describe('a denied name is a denied machine', () => {
  test.each([
    ['by its name', 'secret.example'],
    ['by its address', '10.0.0.7'],
    ['by another of its addresses', '10.0.0.8'],
    ['in a network', '10.0.0.0/28'],
    ['in a range', '10.0.0.1-10.0.0.7'],
    ['by an alias', 'alias.example'],
    ['pinned to an address of it', 'any.thing[10.0.0.7]'],
    ['pinned elsewhere', 'secret.example[10.0.0.9]'],
    ['mapped to IPv6', '::ffff:10.0.0.7'],
    ['compatible with IPv6, in hexadecimal', '::a00:7'],
  ])('%s', async (_name, targets) => {
    const { policy } = stage('default:\n  deny: [secret.example]\n');
    await expect(policy.admit({ ...question, targets })).rejects.toMatchObject({
      code: 'policy_denied',
      message: expect.stringContaining('default.deny: secret.example'),
    });
    await expect(policy.admit({ ...question, targets: '10.0.0.9' })).resolves.toBeDefined();
  });

  test('and the refusal says when the name was looked up', async () => {
    const { policy } = stage('default:\n  deny: [secret.example]\n');
    await expect(policy.admit({ ...question, targets: '10.0.0.7' })).rejects.toThrow(
      'default.deny: secret.example (10.0.0.7, 10.0.0.8, looked up at 2026-11-24T12:00:00.000Z)',
    );
  });

  test('looked up anew at the launch, and by submissions a minute later', async () => {
    const { policy, names, at } = stage('default:\n  deny: [secret.example]\n');
    await policy.admit({ ...question, targets: '10.0.0.20' });
    names.set('secret.example', ['10.0.0.20']);
    await expect(policy.admit({ ...question, targets: '10.0.0.20', isLaunch: true })).rejects.toThrow(
      /secret/,
    );
    names.set('secret.example', ['10.0.0.21']);
    await expect(policy.admit({ ...question, targets: '10.0.0.20' })).rejects.toThrow(/secret/);
    at.now += 61_000;
    await expect(policy.admit({ ...question, targets: '10.0.0.20' })).resolves.toBeDefined();
    await expect(policy.admit({ ...question, targets: '10.0.0.21' })).rejects.toThrow(/secret/);
  });
});

describe('an allowed name is an allowed machine', () => {
  test.each([
    ['web.example', 'web.example[10.1.0.1]'],
    ['10.1.0.1', '10.1.0.1'],
    ['alias-of-web[10.1.0.1]', 'alias-of-web[10.1.0.1]'],
  ])('%s', async (targets, pinned) => {
    const { policy } = stage('default:\n  allow: [web.example]\n');
    await expect(policy.admit({ ...question, targets })).resolves.toMatchObject({ targets: pinned });
  });

  test.each(['10.1.0.2', 'other.example', 'web.example[10.1.0.2]', '10.1.0.0/31'])(
    'and %s is not',
    async (targets) => {
      const { policy } = stage('default:\n  allow: [web.example]\n');
      await expect(policy.admit({ ...question, targets })).rejects.toThrow(
        /default\.allow does not include it/,
      );
    },
  );

  test('a name opens no loopback', async () => {
    const { policy, names } = stage('default:\n  allow: [web.example]\n');
    names.set('web.example', ['127.0.0.1']);
    await expect(policy.admit({ ...question, targets: 'web.example', isLaunch: true })).rejects.toThrow(
      /loopback/,
    );
  });
});

describe('what cannot be looked up denies', () => {
  test('all scans, where a deny list has it', async () => {
    const { policy, names } = stage('default:\n  deny: [gone.example]\n');
    await expect(policy.admit({ ...question, targets: '10.0.0.1' })).rejects.toMatchObject({
      code: 'policy_denied',
      message: expect.stringMatching(
        /^Nothing may be scanned while default\.deny has a name that cannot be looked up: gone\.example \(it has no address/,
      ),
    });
    names.set('gone.example', ['10.9.9.9']);
    await expect(policy.admit({ ...question, targets: '10.0.0.1' })).resolves.toBeDefined();
  });

  test('itself, where an allow list has it', async () => {
    const { policy } = stage('default:\n  allow: [gone.example, 10.1.0.0/24]\n');
    await expect(policy.admit({ ...question, targets: '10.0.0.1' })).rejects.toThrow(
      /default\.allow does not include it; it names gone\.example \(it has no address/,
    );
    await expect(policy.admit({ ...question, targets: '10.1.0.1' })).resolves.toBeDefined();
  });

  test('with the silence of the name server as the cause', async () => {
    const { policy, names } = stage('default:\n  deny: [secret.example]\n');
    names.set('secret.example', new NmcpError('unavailable', 'no answer'));
    await expect(policy.admit({ ...question, targets: '10.0.0.1', isLaunch: true })).rejects.toMatchObject({
      code: 'policy_denied',
      cause: { code: 'unavailable' },
    });
  });

  test('only where the rule holds', async () => {
    const { policy } = stage('callers:\n  alice:\n    deny: [gone.example]\n');
    await expect(policy.admit({ ...question, targets: '10.0.0.1' })).resolves.toBeDefined();
    await expect(policy.admit({ ...question, caller: 'alice', targets: '10.0.0.1' })).rejects.toThrow(
      /callers\.alice\.deny/,
    );
  });

  test('and is told of: which rule, and why', async () => {
    const { policy } = stage(
      'default:\n  deny: [gone.example, "*.gone.example"]\n  approval: {targets: [lost.example]}\npools:\n  dmz:\n    allow: [web.example, away.example]\n',
    );
    expect(await policy.unknownNames()).toEqual([
      { where: 'default.deny', name: 'gone.example', why: 'it has no address' },
      { where: 'default.approval.targets', name: 'lost.example', why: 'it has no address' },
      { where: 'pools.dmz.allow', name: 'away.example', why: 'it has no address' },
    ]);
  });
});

describe('approval', () => {
  const YAML = 'default:\n  approval: {targets: [secret.example], by: operator}\n';

  test.each([
    'secret.example',
    '10.0.0.7',
    'alias.example',
    'any.thing[10.0.0.8]',
    '10.0.0.0/28',
    '::ffff:10.0.0.8',
  ])('is needed for %s', async (targets) => {
    const { policy } = stage(YAML);
    const admission = await policy.admit({ ...question, targets });
    expect(
      policy.approvalNeed({ ...question, targets: admission.targets, credentialed: false }),
    ).toMatchObject({
      by: 'operator',
      reason: expect.stringMatching(/^it touches .* \(default\.approval\.targets\)/),
    });
  });

  test('is not needed elsewhere, and is while nobody knows', async () => {
    const { policy, names } = stage(YAML);
    const { targets } = await policy.admit({ ...question, targets: 'other.example' });
    const need = { ...question, targets, credentialed: false };
    expect(policy.approvalNeed(need)).toBeUndefined();
    names.set('secret.example', []);
    await policy.admit({ ...question, targets, isLaunch: true });
    expect(policy.approvalNeed(need)?.reason).toMatch(
      /cannot be looked up: secret\.example \(it has no address/,
    );
  });
});

test('an admission says which names it looked up, and when', async () => {
  const { policy } = stage('default:\n  deny: [secret.example]\n');
  const admission = await policy.admit({ ...question, targets: 'web.example, 10.0.0.1' });
  expect(lookUpFacts(admission).looked_up).toBe(
    'secret.example = 10.0.0.7 10.0.0.8 at 2026-11-24T12:00:00.000Z; web.example = 10.1.0.1 at 2026-11-24T12:00:00.000Z',
  );
  expect(lookUpFacts(await stage('').policy.admit({ ...question, targets: '10.0.0.1' }))).toEqual({});
});

test.each([
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['::10.0.0.1', '10.0.0.1'],
  ['::a00:1', '10.0.0.1'],
  ['0:0:0:0:0:ffff:a00:1', '10.0.0.1'],
  ['::ffff:10.0.0.0/120', '10.0.0.0/24'],
  ['::ffff:10.0.0.1-::ffff:10.0.0.5', '10.0.0.1-10.0.0.5'],
  ['web[::ffff:10.0.0.1]', 'web[10.0.0.1]'],
  ['FD12:0::5/112', 'fd12::/112'],
  ['fd12::1-fd12::5', 'fd12::1-fd12::5'],
  ['10.0.0.5/30', '10.0.0.5/30'],
])('%s is sent to the scanner as what was checked', async (targets, sent) => {
  await expect(stage('').policy.admit({ ...question, targets })).resolves.toMatchObject({ targets: sent });
});

test('a mapped network whose prefix counts the bits of IPv4 is refused', async () => {
  await expect(stage('').policy.admit({ ...question, targets: '::ffff:10.0.0.0/24' })).rejects.toThrow(
    /must be a number from 96 to 128; write it as IPv4/,
  );
});
