import { isRole, ROLES, roleOf, SCOPES, type Scope } from '@nmcp/access';
import { AuditLog, verifyAuditLog } from '@nmcp/audit';
import { openPolicy, type State, secretKeys } from '@nmcp/runtime';
import { command } from '@nmcp/runtime/cli';
import type { Settings } from '@nmcp/settings';
import { DEFAULT_POOL, NmcpError, unknownName } from '@nmcp/types';
import type { CommandDef } from 'citty';
import { JSON_ARG, print, table } from '../output.ts';
import { STORE, settingsOf, withState } from '../store.ts';

const DATA_DIR = {
  'data-dir': STORE['data-dir'],
  ...JSON_ARG,
} as const;

/** It makes no folder, and no table. */
const READING = { onlyReads: true };

const tokenCreate = command({
  meta: {
    name: 'token create',
    description: 'Create an API token; it is shown only once',
    examples: [
      'token create alice --role scanner --pools nessus --days 90',
      'token create manager --role viewer',
      'token create prometheus --scopes read',
    ],
  },
  args: {
    ...DATA_DIR,
    name: {
      type: 'positional',
      required: true,
      description: 'Name of the caller, as used in tasks and in the policy',
      valueHint: 'NAME',
    },
    role: {
      type: 'string',
      description: `What the caller is (scanner): ${Object.entries(ROLES)
        .map(([role, scopes]) => `${role} (${scopes.join(', ')})`)
        .join(', ')}`,
      valueHint: 'ROLE',
    },
    scopes: {
      type: 'string',
      description: `In place of a role, one or more of ${SCOPES.join(', ')}; read:all reads the scans of others in its pools, too`,
      valueHint: 'SCOPES',
    },
    pools: {
      type: 'string',
      description: 'Pools that the caller may use, comma-separated (all)',
      valueHint: 'POOLS',
    },
    days: { type: 'string', description: 'Days until it expires (never)', valueHint: 'N' },
  },
  run: ({ args }) =>
    withState(args, async (state, settings) => {
      const { tokens } = state;
      const wasEmpty = await tokens.isEmpty();
      const { token, record } = await tokens.create({
        name: args.name,
        scopes: scopesOf(args),
        ...(args.pools === undefined ? {} : { pools: listOf(args.pools) }),
        ...(args.days === undefined ? {} : { days: Number(args.days) }),
      });
      await auditLog(state, settings).append({
        action: 'token.create',
        caller: 'local',
        decision: 'allowed',
        token: record.id,
        name: record.name,
        scopes: record.scopes.join(','),
      });
      print(args, { ...record, token }, () => token);
      console.error(`Token ${record.id} of ${record.name}. Only its hash is stored: copy it now.`);
      if (wasEmpty)
        console.error(
          'It is the first one: servers that are running will require tokens after their next restart.',
        );
    }),
});

const tokenList = command({
  meta: {
    name: 'token list',
    description: 'List API tokens, without their secrets',
    examples: ['token list'],
  },
  args: DATA_DIR,
  run: ({ args }) =>
    withState(
      args,
      async (state) => {
        const tokens = await state.tokens.list();
        print(args, tokens, () =>
          table(
            ['id', 'name', 'role', 'scopes', 'pools', 'created', 'expires'],
            tokens.map(({ id, name, scopes, pools, created_at, expires_at }) => [
              id,
              name,
              roleOf(scopes) ?? '',
              scopes.join(','),
              pools?.join(',') ?? 'all',
              created_at,
              expires_at ?? 'never',
            ]),
            'No tokens.',
          ),
        );
      },
      READING,
    ),
});

const tokenRevoke = command({
  meta: {
    name: 'token revoke',
    description: 'Revoke an API token, with immediate effect',
    examples: ['token revoke 0a1b2c3d4e5f'],
  },
  args: {
    ...DATA_DIR,
    id: { type: 'positional', required: true, description: 'Id, as token list shows it' },
  },
  run: ({ args }) =>
    withState(args, async (state, settings) => {
      const { id, name } = await state.tokens.revoke(args.id);
      await auditLog(state, settings).append({
        action: 'token.revoke',
        caller: 'local',
        decision: 'allowed',
        token: id,
        name,
      });
      print(args, { id, name, revoked: true }, () => `Token ${id} of ${name} was revoked.`);
    }),
});

const policyCheck = command({
  meta: {
    name: 'policy check',
    description: 'Check whether targets may be scanned, and which rule decides',
    examples: ['policy check 10.0.0.0/24', 'policy check "10.0.0.1-20, web.example.org" --caller alice'],
  },
  args: {
    targets: { type: 'positional', required: true, description: 'Targets, as for a scan' },
    pool: { type: 'string', default: DEFAULT_POOL as string, description: 'Scanner pool' },
    caller: { type: 'string', default: 'local', description: 'Name of the caller' },
    policy: { type: 'string', description: 'Path of policy.yaml (POLICY_FILE)', valueHint: 'FILE' },
    config: STORE.config,
    ...JSON_ARG,
  },
  async run({ args }) {
    const { settings, environment } = settingsOf({ config: args.config });
    const policyFile = args.policy ?? settings.policyFile;
    const policy = await openPolicy({ ...settings, policyFile }, environment);
    const { targets, hosts } = await policy.admit({
      targets: args.targets,
      pool: args.pool,
      caller: args.caller,
    });
    print(
      args,
      { allowed: true, addresses: String(hosts), targets },
      () =>
        `Allowed: ${hosts} ${hosts === 1n ? 'address' : 'addresses'}; the scanner would be given ${targets}`,
    );
  },
});

const auditVerify = command({
  meta: {
    name: 'audit verify',
    description: 'Check that the audit log has not been tampered with',
    examples: ['audit verify'],
  },
  args: {
    ...DATA_DIR,
    expect: {
      type: 'string',
      description: 'An entry that must be present, from the server log or an earlier check',
      valueHint: 'SEQ:HASH',
    },
  },
  run: ({ args }) =>
    withState(
      args,
      async ({ audit }, settings) => {
        const { name } = audit;
        const expect = args.expect === undefined ? undefined : entryNamed(args.expect);
        const exists = await audit.exists();
        if (!exists && !expect) return console.log(`${name} does not exist: nothing has been logged yet.`);
        const verdict = exists
          ? await verifyAuditLog(audit, { keys: secretKeys(settings), expect })
          : { valid: false as const, line: 1, why: 'the log is missing' };
        if (!verdict.valid)
          throw new NmcpError('damaged_document', `${name}, line ${verdict.line}: ${verdict.why}`);
        const { entries, head, cut } = verdict;
        print(args, { file: name, ...verdict }, () =>
          [
            `${name}: ${entries} entries, none tampered with. The last is ${entries}:${head}`,
            ...(cut.length > 0
              ? [`Crashes cut off ${cut.length} lines, as noted in the lines after them: ${cut.join(', ')}`]
              : []),
          ].join('\n'),
        );
      },
      READING,
    ),
});

function auditLog({ audit }: State, settings: Settings): AuditLog {
  return new AuditLog(audit, { keys: secretKeys(settings) });
}

function entryNamed(text: string): { seq: number; hash: string } {
  const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash };
  throw new NmcpError(
    'invalid_input',
    `--expect ${JSON.stringify(text.slice(0, 80))}: expected the number and the hash of an entry, such as 12:9f86…`,
  );
}

/** Commands about who may call and what may be scanned. */
export const ACCESS_COMMANDS: Readonly<Record<string, CommandDef>> = {
  'token create': tokenCreate,
  'token list': tokenList,
  'token revoke': tokenRevoke,
  'policy check': policyCheck,
  'audit verify': auditVerify,
};

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function scopesOf({
  role,
  scopes,
}: {
  role?: string | undefined;
  scopes?: string | undefined;
}): readonly Scope[] {
  if (role === undefined) return scopes === undefined ? ROLES.scanner : listOf(scopes).map(scopeOf);
  if (scopes !== undefined)
    throw new NmcpError('invalid_input', '--role and --scopes: expected one of them, since a role is scopes');
  if (isRole(role)) return ROLES[role];
  throw new NmcpError('invalid_input', unknownName('--role', role, Object.keys(ROLES)));
}

function scopeOf(text: string): Scope {
  const found = SCOPES.find((scope) => scope === text);
  if (found) return found;
  throw new NmcpError(
    'invalid_input',
    `--scopes ${JSON.stringify(text.slice(0, 40))}: expected one or more of ${SCOPES.join(', ')}`,
  );
}
