import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, test } from 'vitest';
import { serveSimulated } from './app_process.ts';
import { connect } from './mcp_client.ts';
import { pageCookie } from './page_login.ts';
import { metaOf, postMcp } from './post_mcp.ts';

test('a server with an authorization server tells clients where to ask, and takes its tokens', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' };
  const keys = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(keys.address() as AddressInfo).port}`; // a TCP server's address is never a text
  const app = await serveSimulated([], {
    OAUTH_ISSUER: issuer,
    OAUTH_AUDIENCE: 'https://nessus.example.org/mcp',
  });
  try {
    const { url } = app;
    const refused = await fetch(`${url}/mcp`);
    expect(refused.status).toBe(401);
    const metadataUrl =
      /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? '';
    expect(await (await fetch(metadataUrl)).json()).toMatchObject({
      resource: `${url}/mcp`,
      authorization_servers: [issuer],
      scopes_supported: ['read', 'scan', 'scan:credentials', 'admin', 'read:all'],
    });
    const signed = async (scope: string): Promise<string> =>
      await new SignJWT({ scope })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setIssuer(issuer)
        .setAudience('https://nessus.example.org/mcp')
        .setSubject('alice')
        .setExpirationTime('5m')
        .sign(privateKey);
    const token = await signed('read');
    // one without a scope reads nothing, by no way
    const nothing = await signed('other');
    await using poor = await connect(url, { authorization: `Bearer ${nothing}` });
    expect(await poor.tools().catch(() => [])).toEqual([]);
    for (const path of ['/', '/scans'])
      expect((await fetch(url + path, { headers: await pageCookie(url, nothing) })).status).toBe(403);
    const resources = await postMcp(url, 'resources/list', {
      headers: {
        authorization: `Bearer ${nothing}`,
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'resources/list',
      },
      params: metaOf('2026-07-28'),
    });
    expect(await resources.text()).not.toContain('nessus://');
    await using client = await connect(url, { authorization: `Bearer ${token}` });
    expect(await client.tools()).not.toContain('run_untrusted_scan');
    expect((await client.call('list_tasks')).json).toEqual({ tasks: [], total: 0 });
  } finally {
    await app.stop();
    keys.close();
  }
});

test('while the authorization server is away, a token is neither taken nor called wrong', async () => {
  const { privateKey } = await generateKeyPair('ES256');
  const app = await serveSimulated([], {
    OAUTH_ISSUER: 'http://127.0.0.1:9', // discard: nobody listens there
    OAUTH_AUDIENCE: 'https://nessus.example.org/mcp',
  });
  try {
    const { url } = app;
    const token = await new SignJWT({ scope: 'read' })
      .setProtectedHeader({ alg: 'ES256', kid: 'k' })
      .setIssuer('http://127.0.0.1:9')
      .setAudience('https://nessus.example.org/mcp')
      .setSubject('alice')
      .setExpirationTime('5m')
      .sign(privateKey);
    const answer = await fetch(`${url}/mcp`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      status_code: 503,
      message: expect.stringContaining('authorization server'),
    });
  } finally {
    await app.stop();
  }
});
