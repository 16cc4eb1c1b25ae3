/**
 * Who may call, and for what.
 *
 * @module
 */

export {
  Account,
  type AccountLimits,
  type AccountOptions,
  type GiveBack,
  type OpenKind,
  type Sink,
} from './account.ts';
export {
  type Caller,
  hasScope,
  isRole,
  LOCAL_CALLER,
  maySee,
  mayUsePool,
  owns,
  ROLES,
  type Role,
  roleOf,
  SCOPES,
  type Scope,
  visibilityOf,
} from './caller.ts';
export { isLoopback } from './is_loopback.ts';
export { type JwtRefusal, OAUTH_PREFIX, type OAuthOptions, OAuthTokens } from './oauth.ts';
export { PageSessions, type PageSessionsOptions, type SessionSeal } from './page_sessions.ts';
export type { TokenRecord } from './token_record.ts';
export { DatabaseTokens, FileTokens, type TokenVersions } from './token_versions.ts';
export { type NewToken, openTokenFile, type TokenRefusal, Tokens } from './tokens.ts';
