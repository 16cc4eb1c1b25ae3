import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startSimulator } from '@nmcp/simulator';
import { describe, expect, test } from 'vitest';
import {
  createNessusClient,
  createScan,
  exportScan,
  findScanByMarker,
  getScan,
  launchScan,
  listScans,
  listTemplates,
  type NessusAuth,
  type NessusClient,
  scanApiAvailable,
  scanProgress,
  stopScan,
  withMarker,
} from './mod.ts';

async function simulated(options: Parameters<typeof startSimulator>[0] = {}): Promise<
  AsyncDisposable & {
    simulator: Awaited<ReturnType<typeof startSimulator>>;
    connect: (auth?: NessusAuth) => NessusClient;
  }
> {
  const simulator = await startSimulator({ tls: false, speed: 3000, ...options });
  return {
    simulator,
    connect: (auth = { accessKey: simulator.accessKey, secretKey: simulator.secretKey }) =>
      createNessusClient({ url: simulator.url, auth, retry: { tries: 1 } }),
    [Symbol.asyncDispose]: () => simulator.close(),
  };
}

async function newScan(client: NessusClient, description = ''): Promise<number> {
  const [template] = await listTemplates(client, 'scan');
  return createScan(client, {
    uuid: template?.uuid ?? '',
    settings: { name: 'scan', text_targets: '192.0.2.0/28', description },
  });
}

async function finished(client: NessusClient, id: number): Promise<void> {
  while ((await getScan(client, id)).info.status !== 'completed')
    await new Promise((resolve) => setTimeout(resolve, 5));
}

async function text(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text();
}

describe('against a scanner', () => {
  test('a scan is created, launched, followed and exported', async () => {
    await using t = await simulated();
    const client = t.connect();
    const id = await newScan(client);
    await launchScan(client, id);
    await finished(client, id);
    expect(scanProgress(await getScan(client, id))).toBe(100);
    const xml = await text(await exportScan(client, id, { firstWaitMs: 1 }));
    expect(xml).toMatch(/^<\?xml.*<\/NessusClientData_v2>\s*$/s);
    expect((await listScans(client)).map((scan) => scan.id)).toEqual([id]);
  });

  test('an expired session is renewed once, and callers share one login', async () => {
    await using t = await simulated();
    const client = t.connect({ username: t.simulator.username, password: t.simulator.password });
    await Promise.all(Array.from({ length: 50 }, () => listScans(client)));
    expect(t.simulator.counts().logins).toBe(1);
    t.simulator.expireSessions();
    await Promise.all(Array.from({ length: 50 }, () => listScans(client)));
    expect(t.simulator.counts().logins).toBe(2);
    await client.close();
  });

  test('a scan is found by the marker in its description', async () => {
    await using t = await simulated();
    const client = t.connect();
    await newScan(client, 'other');
    const id = await newScan(client, withMarker('x', 'nmcp:task-1'));
    expect(await findScanByMarker(client, { marker: 'nmcp:task-1', name: 'scan' })).toBe(id);
    expect(await findScanByMarker(client, { marker: 'nmcp:task-2' })).toBeUndefined();
  });

  test('a licence without the scan API is said, beforehand and after', async () => {
    await using t = await simulated({ licence: 'professional' });
    const client = t.connect();
    expect(await scanApiAvailable(client)).toBe(false);
    await expect(newScan(client)).rejects.toMatchObject({
      code: 'scan_api_unavailable',
      httpStatus: 412,
      message: expect.stringContaining('import its results'),
    });
  });

  test.each([
    ['wrong keys', { accessKey: 'a', secretKey: 'sesame-123' }],
    ['a wrong password', { username: 'admin', password: 'sesame-123' }],
  ])('%s are refused without being told', async (_name, auth) => {
    await using t = await simulated();
    const error: Error & { code?: string } = await listScans(t.connect(auth)).then(
      () => new Error('no error'),
      (e) => e,
    );
    expect(error.code).toBe('scanner_auth');
    expect(JSON.stringify([error.message, error])).not.toContain('sesame-123');
  });

  test.each([
    [429, 'scanner_unreachable'],
    [503, 'scanner_unreachable'],
    [500, 'scanner_unreachable'],
    [400, 'scanner_error'],
    [403, 'scanner_auth'],
    [404, 'not_found'],
  ])('status %i is %s', async (status, code) => {
    await using t = await simulated();
    t.simulator.fail({ path: /^\/scans$/, status });
    await expect(listScans(t.connect())).rejects.toMatchObject({
      code,
      httpStatus: status,
      endpoint: 'GET /scans',
    });
  });

  test('no such scan, and an export of a running one', async () => {
    await using t = await simulated({ speed: 1 });
    const client = t.connect();
    await expect(getScan(client, 999)).rejects.toMatchObject({ code: 'not_found' });
    const id = await newScan(client);
    await launchScan(client, id);
    await expect(exportScan(client, id)).rejects.toMatchObject({ httpStatus: 409 });
    await stopScan(client, id);
    await expect(stopScan(client, id)).rejects.toMatchObject({ httpStatus: 409 });
  });
});

describe('against something odd', () => {
  async function answering(
    respond: Parameters<typeof createServer>[1],
  ): Promise<AsyncDisposable & { client: NessusClient }> {
    const server: Server = createServer(respond);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return {
      client: createNessusClient({
        url: `http://127.0.0.1:${port}`,
        auth: { accessKey: 'a', secretKey: 's' },
        timeoutMs: 300,
        maxJsonBytes: 10_000,
      }),
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        server.close();
      },
    };
  }

  test.each([
    ["a proxy's page", '<html>login</html>', /HTML or XML, perhaps a proxy's page/],
    ['nothing', '', /answered nothing/],
    ['a wrong shape', '{"scans":[{"id":"x"}]}', /scans was expected to be a list of objects with id/],
    ['too much', `{"scans":null,"x":"${'x'.repeat(20_000)}"}`, /longer than 10000 bytes/],
  ])('%s is an error that says so', async (_name, body, why) => {
    await using t = await answering((_request, response) => response.end(body));
    await expect(listScans(t.client)).rejects.toThrow(why);
  });

  test('a redirect is not followed, so that no credentials go elsewhere', async () => {
    const asked: string[] = [];
    await using t = await answering((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await expect(listScans(t.client)).rejects.toThrow(/redirect, which is not followed/);
    expect(asked).toEqual(['/scans']);
  });

  test('a scanner that does not answer in time is unreachable', async () => {
    await using t = await answering(() => {});
    await expect(listScans(t.client)).rejects.toMatchObject({
      code: 'scanner_unreachable',
      message: expect.stringContaining('no answer within 300 ms'),
    });
  });

  test('an answer that trickles is given up, though its bytes never stop', async () => {
    await using t = await answering((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(more));
    });
    await expect(listScans(t.client)).rejects.toMatchObject({ code: 'scanner_unreachable' });
  });

  test('a download that breaks off or falls silent is told from a whole one', async () => {
    await using broken = await answering((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(broken.client.download('/x').then(text)).rejects.toMatchObject({
      code: 'scanner_unreachable',
    });
    await using silent = await answering((_request, response) => void response.write('half'));
    await expect(silent.client.download('/x').then(text)).rejects.toThrow(/no byte came for 300 ms/);
  });

  test('nobody listens', async () => {
    const client = createNessusClient({
      url: 'http://127.0.0.1:1',
      auth: { accessKey: 'a', secretKey: 's' },
    });
    await expect(listScans(client)).rejects.toMatchObject({
      code: 'scanner_unreachable',
      message: expect.stringContaining('http://127.0.0.1:1 cannot be reached'),
    });
  });

  test('a url that is none is refused at once', () => {
    expect(() =>
      createNessusClient({ url: 'nessus:8834', auth: { accessKey: 'a', secretKey: 's' } }),
    ).toThrow(/must begin with https:/);
    expect(() => createNessusClient({ url: 'not a url', auth: { accessKey: 'a', secretKey: 's' } })).toThrow(
      /is not a URL/,
    );
  });
});
