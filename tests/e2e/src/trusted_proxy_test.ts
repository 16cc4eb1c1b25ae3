import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { serveSimulated } from './app_process.ts';
import { makeToken } from './make_token.ts';

/** What the dashboard sets as a cookie for somebody who logs in with headers. */
async function cookieFor(
  environment: Record<string, string>,
  headers: Record<string, string>,
): Promise<string> {
  await using folder = await tempFolder();
  const token = await makeToken(folder.path, 'alice', ['read']);
  const app = await serveSimulated([], { DATA_DIR: folder.path, ...environment });
  try {
    const answer = await fetch(`${app.url}/login`, {
      method: 'POST',
      redirect: 'manual',
      headers,
      body: new URLSearchParams({ token, to: '/' }),
    });
    const cookie = answer.headers.get('set-cookie') ?? '';
    const seen = await fetch(`${app.url}/`, {
      headers: { ...headers, cookie: cookie.split(';')[0] ?? '' },
      redirect: 'manual',
    });
    expect(seen.status).toBe(200);
    return cookie;
  } finally {
    await app.stop();
  }
}

describe('the cookie of the dashboard', () => {
  test('is Secure behind a trusted proxy that ends TLS', async () => {
    const cookie = await cookieFor({ TRUSTED_PROXIES: '127.0.0.1' }, { 'x-forwarded-proto': 'https' });
    expect(cookie).toMatch(/^__Host-nmcp_session=.*; Secure/);
  });

  test.each([
    ['from somebody who is none', { TRUSTED_PROXIES: '10.0.0.1' }],
    ['where nobody is trusted', {}],
  ])('does not follow a header %s', async (_name, environment) => {
    const cookie = await cookieFor({ ...environment } as Record<string, string>, {
      'x-forwarded-proto': 'https',
    });
    expect(cookie).toMatch(/^nmcp_session=/);
    expect(cookie).not.toMatch(/Secure/);
  });
});

describe('guessing tokens', () => {
  test.each([
    ['is limited by the client behind a trusted proxy', { TRUSTED_PROXIES: '127.0.0.0/8' }, 401],
    ['is limited by the sender where it is no proxy, whatever it says', {}, 429],
  ])('%s', async (_name, environment, status) => {
    await using folder = await tempFolder();
    await makeToken(folder.path, 'alice', ['read']);
    const app = await serveSimulated([], { DATA_DIR: folder.path, ...environment });
    try {
      const guess = async (address: string): Promise<number> =>
        (
          await fetch(`${app.url}/mcp`, {
            headers: {
              authorization: `Bearer nmcp_${'0'.repeat(12)}_${'A'.repeat(43)}`,
              'x-forwarded-for': address,
            },
          })
        ).status;
      for (let i = 0; i < 25; i++) await guess('203.0.113.7');
      expect(await guess('203.0.113.8')).toBe(status);
    } finally {
      await app.stop();
    }
  });
});

test('a setting that is no address is refused', async () => {
  await expect(serveSimulated([], { TRUSTED_PROXIES: 'proxy.example' })).rejects.toThrow(/TRUSTED_PROXIES/);
});
