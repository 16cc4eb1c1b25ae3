/** What a caller may do; each includes those before it, and `admin` everything. */
export const SCOPES: readonly ['read', 'scan', 'scan:credentials', 'admin'] = [
  'read',
  'scan',
  'scan:credentials',
  'admin',
];

/** One of {@linkcode SCOPES}. */
export type Scope = (typeof SCOPES)[number];

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

/** Whether a caller has a scope. */
export function hasScope({ scopes }: Pick<Caller, 'scopes'>, needed: Scope): boolean {
  return scopes.some((scope) => SCOPES.indexOf(scope) >= SCOPES.indexOf(needed));
}

/** Whether a caller may use a pool. */
export function mayUsePool({ pools }: Pick<Caller, 'pools'>, pool: string): boolean {
  return pools === undefined || pools.includes(pool);
}

/** Whether a caller may see what an owner has; what has no owner is for admins only. */
export function owns(caller: Caller, owner: string | undefined): boolean {
  return caller.name === owner || hasScope(caller, 'admin');
}
