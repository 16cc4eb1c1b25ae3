import { startSimulator } from '@nmcp/simulator';
import { describe, expect, test } from 'vitest';
import { answering, simulated } from './client_test_bench.ts';
import { createNessusClient, deleteScan, getScan, listFolders, listScans, type NessusClient } from './mod.ts';
import { createTrustingFetch } from './node/mod.ts';

test('a thousand callers of an expired session share one login', async () => {
  await using t = await simulated();
  const { url, username, password } = t.simulator;
  const client = createNessusClient({ url, auth: { username, password } });
  await listFolders(client);
  t.simulator.expireSessions();
  await Promise.all(Array.from({ length: 1000 }, () => listFolders(client)));
  expect(t.simulator.counts().logins).toBe(2);
});

describe('a certificate', () => {
  test('that is not the pinned one any more is refused', async () => {
    await using first = await startSimulator();
    const trust = createTrustingFetch({ fingerprint: first.fingerprint });
    const connect = (url: string): NessusClient =>
      createNessusClient({
        url,
        auth: { accessKey: first.accessKey, secretKey: first.secretKey },
        fetch: trust.fetch,
        retry: { tries: 1 },
      });
    expect(await listFolders(connect(first.url))).toHaveLength(2);
    await using second = await startSimulator();
    await expect(listFolders(connect(second.url))).rejects.toThrow(/is not trusted/);
    expect(second.requests()).toEqual([]);
    await trust.close();
  });

  test('is trusted one way only', () => {
    expect(() => createTrustingFetch({ caFile: 'a', insecure: true })).toThrow(/only one of/);
    expect(() => createTrustingFetch({ fingerprint: 'ab' })).toThrow(/64 hexadecimal digits/);
    expect(() => createTrustingFetch({ caFile: '/nowhere.pem' })).toThrow(/CA file cannot be read/);
  });

  test('that is not checked is warned of', async () => {
    const warned = new Promise<void>((resolve) => {
      process.on('warning', function listen({ message }) {
        if (!/is not checked/.test(message)) return;
        process.off('warning', listen);
        resolve();
      });
    });
    await createTrustingFetch({ insecure: true }).close();
    await warned;
  });
});

test('an answer of 200 that says that something went wrong is an error', async () => {
  await using t = await answering((_request, response) => response.end('{"error":"The database is locked"}'));
  await expect(getScan(t.client, 1)).rejects.toThrow(/answered 200 with an error: The database is locked/);
  await expect(deleteScan(t.client, 1)).rejects.toThrow(/The database is locked/);
});

test('an answer without end where JSON was expected is given up', async () => {
  let sent = 0;
  await using t = await answering((_request, response) => {
    response.write('{"scans":[');
    const more = (): void => {
      sent += 100_000;
      if (!response.destroyed) response.write('1,'.repeat(50_000), more);
    };
    more();
  });
  await expect(listScans(t.client)).rejects.toThrow(/longer than 1000000 bytes/);
  expect(sent).toBeLessThan(100_000_000);
});

test('a redirect to another host gets no credentials', async () => {
  await using other = await answering((_request, response) => response.end('{"folders":[]}'));
  await using t = await answering((_request, response) =>
    response.writeHead(307, { location: `${other.client.origin}/folders` }).end(),
  );
  await expect(listFolders(t.client)).rejects.toThrow(/redirect, which is not followed/);
  expect(other.asked).toEqual([]);
});
