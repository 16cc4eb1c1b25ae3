import { compileFilters, type Finding } from '@nmcp/schema';
import { NmcpError } from '@nmcp/types';
import * as v from 'valibot';
import { parseDocument } from 'yaml';
import { IDENTITY_KINDS, type IdentityKind } from './apply/identity_of_host.ts';

/** Whose assets are which, and how long a finding may stay open. */
export interface AssetRules {
  /** How a pool's networks are told apart, and what makes a host the same; see `AppliedScan`. */
  pools: ReadonlyMap<string, { zone?: string | undefined; identity?: IdentityKind | undefined }>;
  /** In this order; an asset has the tags of all that match, and the first owner. */
  groups: readonly AssetGroup[];
  /** Days in which findings of a severity are to be fixed, 0 to 4; `undefined` for no limit. */
  days: readonly (number | undefined)[];
  /** The same for assets with a tag; the shortest holds. */
  tagDays: ReadonlyMap<string, readonly (number | undefined)[]>;
}

/** Some assets. */
export interface AssetGroup {
  /** Networks and names, as they are written. */
  hosts: readonly string[];
  tags: readonly string[];
  owner: string | undefined;
  /** Whether an asset is one of them. */
  has(asset: { host: string; host_ip?: unknown; host_fqdn?: unknown; netbios?: unknown }): boolean;
}

const SEVERITIES = ['info', 'low', 'medium', 'high', 'critical'] as const;
const Days = v.strictObject(
  v.entriesFromList(SEVERITIES, v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(3650)))),
);
const Rules = v.strictObject({
  pools: v.optional(
    v.record(
      v.string(),
      v.strictObject({
        zone: v.optional(v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/))),
        identity: v.optional(v.picklist(IDENTITY_KINDS)),
      }),
    ),
  ),
  groups: v.optional(
    v.array(
      v.strictObject({
        hosts: v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1)),
        tags: v.optional(v.array(v.pipe(v.string(), v.regex(/^[\w.-]{1,64}$/)))),
        owner: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(200))),
      }),
    ),
  ),
  days: v.optional(Days),
  days_by_tag: v.optional(v.record(v.string(), Days)),
});

/** Without a file: no groups, and the days that most policies have. */
export const DEFAULT_RULES: AssetRules = {
  pools: new Map(),
  groups: [],
  days: [undefined, undefined, 90, 30, 7],
  tagDays: new Map(),
};

/**
 * Reads inventory.yaml.
 *
 * @throws {NmcpError} `invalid_config` that says where
 */
export function readAssetRules(text: string, name = 'inventory.yaml'): AssetRules {
  const document = parseDocument(text);
  const [fault] = document.errors;
  if (fault) throw new NmcpError('invalid_config', `${name}: ${fault.message.split('\n')[0]}`);
  const read = v.safeParse(Rules, document.toJS() ?? {});
  if (!read.success) {
    const [issue] = read.issues;
    throw new NmcpError(
      'invalid_config',
      `${name}: ${v.getDotPath(issue) ?? 'the document'}: ${issue.message}`,
    );
  }
  const { pools = {}, groups = [], days, days_by_tag = {} } = read.output;
  return {
    pools: new Map(Object.entries(pools)),
    groups: groups.map(({ hosts, tags = [], owner }, i) => {
      const { matches } = filtersOf(hosts, `${name}: groups.${i}.hosts`);
      return { hosts, tags, owner, has: (asset) => matches(asset as unknown as Finding) }; // it looks at no other field
    }),
    days: days ? listed(days) : DEFAULT_RULES.days,
    tagDays: new Map(Object.entries(days_by_tag).map(([tag, each]) => [tag, listed(each)])),
  };
}

function filtersOf(hosts: readonly string[], where: string): ReturnType<typeof compileFilters> {
  try {
    return compileFilters({
      any: hosts.flatMap((host) => [{ host }, { host_ip: host }, { host_fqdn: host }, { netbios: host }]),
    });
  } catch (error) {
    throw new NmcpError('invalid_config', `${where}: ${(error as Error).message}`, { cause: error });
  }
}

function listed(days: v.InferOutput<typeof Days>): (number | undefined)[] {
  return SEVERITIES.map((severity) => days[severity]);
}
