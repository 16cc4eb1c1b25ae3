import { messageOf, NmcpError } from '@nmcp/types';
import type * as Jose from 'jose';
import { type Caller, isRole, ROLES, SCOPES, type Scope } from './caller.ts';

/** An authorization server whose tokens are accepted. */
export interface OAuthOptions {
  /** Its issuer identifier, such as `https://login.example.org`. */
  issuer: string;
  /** What tokens for this server name as their audience, such as `https://nessus.example.org/mcp`. */
  audience: string;
  /** Where its keys are. @default `${issuer}/.well-known/jwks.json` */
  jwksUrl?: string | undefined;
}

/** Why a token is rejected. */
export type JwtRefusal = 'malformed' | 'unknown' | 'expired' | 'for another audience' | 'of another issuer';

/** Algorithms with a public key: neither `none` nor a symmetric one. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** Subjects have a name space of their own: no token can be named so, since its name has no colon. */
export const OAUTH_PREFIX = 'oauth:';
const SUBJECT = /^[\x21-\x7e]{1,128}$/;
/** Seconds by which clocks may differ. */
const CLOCK_TOLERANCE_SECONDS = 30;

/**
 * Checks JWT access tokens as an OAuth 2.1 resource server (RFC 9068, RFC 8707): signature by the server's published keys,
 * issuer, audience, time. The caller's name is `oauth:` and the token's `sub`; its scopes are those of `scope`, and of the
 * roles that `scope` or `roles` name; its pools those of `pools`, where the token has that.
 */
export class OAuthTokens {
  readonly #options: OAuthOptions;
  readonly #keysUrl: URL;
  /** Loaded with the first token: most servers have no authorization server. */
  #jose: Promise<{ jose: typeof Jose; keys: ReturnType<typeof Jose.createRemoteJWKSet> }> | undefined;

  /** @throws {NmcpError} `invalid_config` for an invalid URL, or one that is neither HTTPS nor on this machine */
  constructor(options: OAuthOptions) {
    this.#options = options;
    const url = options.jwksUrl ?? `${options.issuer.replace(/\/$/, '')}/.well-known/jwks.json`;
    this.#keysUrl = secureUrl(url);
  }

  /** Metadata that tells clients where to get tokens (RFC 9728). */
  metadata(resource: string): object {
    return {
      resource,
      authorization_servers: [this.#options.issuer],
      scopes_supported: SCOPES,
      bearer_methods_supported: ['header'],
      resource_name: 'Nessus MCP',
    };
  }

  /**
   * The caller of a token.
   *
   * @throws {NmcpError} `unavailable` when the authorization server's keys cannot be fetched
   */
  async verify(token: string): Promise<Caller | JwtRefusal> {
    const { issuer, audience } = this.#options;
    this.#jose ??= import('jose').then((jose) => ({ jose, keys: jose.createRemoteJWKSet(this.#keysUrl) }));
    const { jose, keys } = await this.#jose;
    try {
      const { payload } = await jose.jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['sub', 'exp'],
      });
      return callerOf(payload);
    } catch (error) {
      return refusalOf(error, jose.errors);
    }
  }
}

function callerOf(payload: Jose.JWTPayload): Caller | JwtRefusal {
  const { sub = '' } = payload;
  if (!SUBJECT.test(sub) || sub === 'local') return 'malformed';
  const words = [...wordsOf(payload.scope ?? payload.scp), ...wordsOf(payload.roles).filter(isRole)];
  const given = new Set<string>(
    words.flatMap((word): readonly string[] => (isRole(word) ? ROLES[word] : [word])),
  );
  return {
    name: `${OAUTH_PREFIX}${sub}`,
    scopes: SCOPES.filter((scope: Scope) => given.has(scope)),
    ...(payload.pools === undefined ? {} : { pools: wordsOf(payload.pools) }),
  };
}

/** A claim with words: a list, or a text with spaces between them. */
function wordsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '');
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];
}

function refusalOf(error: unknown, errors: typeof Jose.errors): JwtRefusal {
  if (error instanceof errors.JWTExpired) return 'expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return 'for another audience';
    return error.claim === 'iss' ? 'of another issuer' : 'malformed';
  }
  if (
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported
  )
    return 'malformed';
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return 'unknown';
  throw new NmcpError(
    'unavailable',
    `The keys of the authorization server cannot be fetched: ${messageOf(error)}`,
    {
      cause: error,
    },
  );
}

function secureUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLocal)) return url;
  throw new NmcpError(
    'invalid_config',
    `OAuth: ${JSON.stringify(text.slice(0, 200))} is not an https:// URL, such as https://login.example.org`,
  );
}
