/**
 * What a caller may do. `read` is about its own scans, `read:all` about those of others too, in its pools; `scan` starts scans,
 * `scan:credentials` also with credentials; `admin` may do everything.
 */
export const SCOPES: readonly ['read', 'scan', 'scan:credentials', 'admin', 'read:all'] = [
  'read',
  'scan',
  'scan:credentials',
  'admin',
  'read:all',
];

/** One of {@linkcode SCOPES}. */
export type Scope = (typeof SCOPES)[number];

/** What each scope includes beside itself. */
const INCLUDED: Readonly<Record<Scope, readonly Scope[]>> = {
  read: [],
  'read:all': ['read'],
  scan: ['read'],
  'scan:credentials': ['read', 'scan'],
  admin: SCOPES,
};

/** Scopes by what people are: a viewer reads all scans of its pools, a scanner starts scans of its own, an operator does both. */
export const ROLES: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['read:all'],
  scanner: ['scan'],
  operator: ['scan:credentials', 'read:all'],
  admin: ['admin'],
};

/** One of {@linkcode ROLES}. */
export type Role = 'viewer' | 'scanner' | 'operator' | 'admin';

/** Whether a word is the name of a role. */
export function isRole(word: string): word is Role {
  return Object.hasOwn(ROLES, word);
}

/** The role that these scopes are; `undefined` where they are none. */
export function roleOf(scopes: readonly Scope[]): Role | undefined {
  const same = (role: Role): boolean =>
    ROLES[role].length === scopes.length && ROLES[role].every((scope) => scopes.includes(scope));
  return (Object.keys(ROLES) as Role[]).find(same); // its own keys
}

/** A caller. */
export interface Caller {
  /** Its name in tasks, in the policy and in the audit log. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Pools that may be used; absent: all. */
  readonly pools?: readonly string[] | undefined;
}

/** The local user: the only caller of a server that listens on loopback only, or on standard input. */
export const LOCAL_CALLER: Caller = { name: 'local', scopes: ['admin'] };

/**
 * Whether a caller has a scope.
 *
 * @example
 * ```ts
 * import { hasScope } from '@nmcp/access';
 *
 * console.assert(hasScope({ scopes: ['scan:credentials'] }, 'read'));
 * console.assert(!hasScope({ scopes: ['scan:credentials'] }, 'read:all'));
 * ```
 */
export function hasScope({ scopes }: Pick<Caller, 'scopes'>, needed: Scope): boolean {
  return scopes.some((scope) => scope === needed || INCLUDED[scope].includes(needed));
}

/** Whether a caller may use a pool. */
export function mayUsePool({ pools }: Pick<Caller, 'pools'>, pool: string): boolean {
  return pools === undefined || pools.includes(pool);
}

/** Whether a caller may do with a scan what its owner may; what has no owner is for admins only. */
export function owns(caller: Caller, owner: string | undefined): boolean {
  return caller.name === owner || hasScope(caller, 'admin');
}

/** Whether a caller may read a scan: its own, or with `read:all` one of its pools. */
export function maySee(caller: Caller, scan: { owner?: string | undefined; scanner_pool: string }): boolean {
  return owns(caller, scan.owner) || (hasScope(caller, 'read:all') && mayUsePool(caller, scan.scanner_pool));
}

/** What a caller may read, as a filter of scans that means those of {@linkcode maySee}; `undefined` for all of them. */
export function visibilityOf(
  caller: Caller,
): { owner: string; pools: 'all' | readonly string[] } | undefined {
  if (hasScope(caller, 'admin')) return undefined;
  return { owner: caller.name, pools: hasScope(caller, 'read:all') ? (caller.pools ?? 'all') : [] };
}
