import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OAuthTokens } from './mod.ts';

const AUDIENCE = 'https://nessus.example.org/mcp';

describe('an access token', () => {
  let issuer = '';
  let oauth: OAuthTokens;
  let keys: Awaited<ReturnType<typeof generateKeyPair>>;
  let server: ReturnType<typeof createServer>;

  beforeAll(async () => {
    keys = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
    server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server's address is never a text
    oauth = new OAuthTokens({ issuer, audience: AUDIENCE });
  });
  afterAll(() => {
    server.close();
  });

  const claims = (): JWTPayload => ({
    iss: issuer,
    aud: AUDIENCE,
    sub: 'alice',
    scope: 'openid read scan',
    exp: Math.floor(Date.now() / 1000) + 300,
  });
  const without = (claim: 'aud' | 'exp' | 'sub'): JWTPayload => {
    const { [claim]: _, ...rest } = claims();
    return rest;
  };
  const sign = (payload: JWTPayload, key = keys.privateKey, kid = 'k1'): Promise<string> =>
    new SignJWT(payload).setProtectedHeader({ alg: 'ES256', kid }).sign(key);

  test('stands for its subject with the scopes that we know', async () => {
    expect(await oauth.verify(await sign(claims()))).toEqual({
      name: 'oauth:alice',
      scopes: ['read', 'scan'],
    });
    expect(await oauth.verify(await sign({ ...claims(), scope: undefined, scp: ['admin'] }))).toEqual({
      name: 'oauth:alice',
      scopes: ['admin'],
    });
    expect(await oauth.verify(await sign({ ...claims(), scope: 'administrator' }))).toEqual({
      name: 'oauth:alice',
      scopes: [],
    });
  });

  test('gives the scopes of the roles that it names, and the pools', async () => {
    const verify = async (more: JWTPayload): Promise<unknown> =>
      await oauth.verify(await sign({ ...claims(), scope: undefined, ...more }));
    expect(await verify({ roles: ['viewer', 'toString'], pools: ['nessus_dmz'] })).toEqual({
      name: 'oauth:alice',
      scopes: ['read:all'],
      pools: ['nessus_dmz'],
    });
    expect(await verify({ scope: 'openid operator' })).toMatchObject({
      scopes: ['scan:credentials', 'read:all'],
    });
    // a role is the word of a role: scopes stand in the claim of scopes
    expect(await verify({ roles: ['scan'] })).toMatchObject({ scopes: [] });
  });

  test.each<[string, () => Promise<string>, string]>([
    [
      'for another audience',
      () => sign({ ...claims(), aud: 'https://other.example.org' }),
      'for another audience',
    ],
    ['without an audience', () => sign(without('aud')), 'for another audience'],
    ['of another issuer', () => sign({ ...claims(), iss: 'https://evil.example.org' }), 'of another issuer'],
    ['that has expired', () => sign({ ...claims(), exp: Math.floor(Date.now() / 1000) - 60 }), 'expired'],
    ['that never expires', () => sign(without('exp')), 'malformed'],
    [
      'that is not valid yet',
      () => sign({ ...claims(), nbf: Math.floor(Date.now() / 1000) + 600 }),
      'malformed',
    ],
    ['with alg none', async () => new UnsecuredJWT(claims()).encode(), 'malformed'],
    [
      'signed with a secret that everybody knows',
      () => new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'k1' }).sign(new Uint8Array(32)),
      'malformed',
    ],
    [
      "signed with somebody's own key",
      async () => sign(claims(), (await generateKeyPair('ES256')).privateKey),
      'unknown',
    ],
    ['of a key that nobody published', () => sign(claims(), keys.privateKey, 'k2'), 'unknown'],
    [
      'whose claims were changed',
      async () => {
        const [head, , signature] = (await sign(claims())).split('.');
        const body = Buffer.from(JSON.stringify({ ...claims(), scope: 'admin' })).toString('base64url');
        return `${head}.${body}.${signature}`;
      },
      'unknown',
    ],
    ['of the one local user', () => sign({ ...claims(), sub: 'local' }), 'malformed'],
    ['without a subject', () => sign(without('sub')), 'malformed'],
    ['with a line in its subject', () => sign({ ...claims(), sub: 'a\nb' }), 'malformed'],
    ['that is none', async () => 'abc', 'malformed'],
    ['that is empty', async () => '', 'malformed'],
  ])('%s is refused', async (_name, make, refusal) => {
    expect(await oauth.verify(await make())).toBe(refusal);
  });

  test('cannot be checked while the keys cannot be had, which is no verdict', async () => {
    const lost = new OAuthTokens({ issuer: 'http://127.0.0.1:9', audience: AUDIENCE });
    await expect(lost.verify(await sign(claims()))).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test.each(['http://login.example.org', 'login.example.org', 'file:///keys'])(
  'keys from %s are refused',
  (issuer) => {
    expect(() => new OAuthTokens({ issuer, audience: AUDIENCE })).toThrow(/is not an https:\/\/ URL/);
  },
);
