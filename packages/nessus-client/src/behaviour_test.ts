import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Simulator, type SimulatorOptions, startSimulator } from '@nmcp/simulator';
import { describe, expect, test } from 'vitest';
import {
  attachScan,
  createNessusClient,
  createScan,
  deleteScan,
  exportScan,
  findTemplate,
  getScan,
  listFolders,
  listScans,
  listTemplates,
  type NessusClient,
  type NessusClientOptions,
  pauseScan,
  resumeScan,
  runScan,
  ScanApiUnavailableError,
  type ScanUpdate,
  watchScan,
} from './mod.ts';
import { createTrustingFetch } from './node/mod.ts';

interface Simulated extends AsyncDisposable {
  simulator: Simulator;
  client: NessusClient;
}

async function simulated(
  options: SimulatorOptions = {},
  clientOptions: Partial<NessusClientOptions> = {},
): Promise<Simulated> {
  const simulator = await startSimulator({ tls: false, speed: 1000, ...options });
  const { url, accessKey, secretKey } = simulator;
  const client = createNessusClient({
    url,
    auth: { accessKey, secretKey },
    retry: { firstWaitMs: 2 },
    ...clientOptions,
  });
  return { simulator, client, [Symbol.asyncDispose]: () => simulator.close() };
}

const QUICK = { firstPollMs: 2, maxPollMs: 10 };

async function finished(client: NessusClient): Promise<number> {
  const scan = await runScan(client, { targets: '192.0.2.0/28' });
  await scan.finished(QUICK);
  return scan.id;
}

const callsOf = (simulator: Simulator, method: string, path: RegExp): number =>
  simulator.requests().filter((request) => request.method === method && path.test(request.path)).length;

describe('calls are made again', () => {
  test.each([
    ['a status of 503', { status: 503 }],
    ['a status of 429', { status: 429 }],
    ['a connection that is cut', { reset: true }],
    ['half an answer', { halfBody: true }],
  ])('when reading meets %s', async (_name, fault) => {
    await using t = await simulated();
    t.simulator.fail({ path: /^\/folders$/, times: 2, ...fault });
    expect(await listFolders(t.client)).toHaveLength(2);
    expect(callsOf(t.simulator, 'GET', /folders/)).toBe(3);
  });

  test('as late as the scanner asks for', async () => {
    await using t = await simulated();
    t.simulator.fail({ path: /^\/folders$/, status: 429, headers: { 'retry-after': '1' } });
    const begun = performance.now();
    await listFolders(t.client);
    expect(performance.now() - begun).toBeGreaterThan(900);
  });

  test('but never a creation or a launch whose answer got lost', async () => {
    await using t = await simulated();
    const [template] = await listTemplates(t.client, 'scan');
    const scan = { uuid: template?.uuid ?? '', settings: { name: 'n', text_targets: '192.0.2.1' } };
    t.simulator.fail({ method: 'POST', path: /^\/scans$/, reset: 'afterwards' });
    await expect(createScan(t.client, scan)).rejects.toMatchObject({ code: 'scanner_unreachable' });
    expect(t.simulator.counts().created).toBe(1);
  });

  test('by runScan only after it has looked for the scan', async () => {
    await using t = await simulated();
    t.simulator.fail({ method: 'POST', path: /^\/scans$/, reset: 'afterwards' });
    t.simulator.fail({ method: 'POST', path: /launch/, reset: 'afterwards' });
    const scan = await runScan(t.client, { targets: '192.0.2.1' });
    await scan.finished(QUICK);
    expect(t.simulator.counts()).toMatchObject({ created: 1, launched: 1 });
  });

  test('when the scanner has compiled its plugins', async () => {
    await using t = await simulated();
    t.simulator.setLoading(true);
    setTimeout(() => t.simulator.setLoading(false), 100);
    expect(await listFolders(t.client)).toHaveLength(2);
  });
});

test('a thousand callers of an expired session share one login', async () => {
  await using t = await simulated();
  const { url, username, password } = t.simulator;
  const client = createNessusClient({ url, auth: { username, password } });
  await listFolders(client);
  t.simulator.expireSessions();
  await Promise.all(Array.from({ length: 1000 }, () => listFolders(client)));
  expect(t.simulator.counts().logins).toBe(2);
});

test('a call has a time limit of its own, and ends with its signal', async () => {
  await using t = await simulated({}, { retry: { tries: 1 } });
  t.simulator.fail({ path: /folders/, delayMs: 2000, times: 2 });
  await expect(listFolders(t.client, { timeoutMs: 50 })).rejects.toThrow(/no answer within 50 ms/);
  const signal = AbortSignal.timeout(30);
  await expect(listFolders(t.client, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
});

describe('a download', () => {
  test('that breaks off is taken up where it broke, and hashes to the same', async () => {
    await using t = await simulated();
    const id = await finished(t.client);
    const once = async (): Promise<string> => {
      const hash = createHash('sha256');
      for await (const _ of await exportScan(t.client, id, { firstWaitMs: 1, hash }));
      return hash.digest('hex');
    };
    const whole = await once();
    t.simulator.fail({ path: /download/, halfBody: true });
    expect(await once()).toBe(whole);
    expect(callsOf(t.simulator, 'GET', /download/)).toBe(3);
  });

  test('that breaks off at every try is an error', async () => {
    await using t = await simulated();
    const id = await finished(t.client);
    t.simulator.fail({ path: /download/, reset: true, times: 100 });
    await expect(exportScan(t.client, id, { firstWaitMs: 1 })).rejects.toMatchObject({
      code: 'scanner_unreachable',
    });
  });

  test('whose scanner knows no Range is read from the start, and nothing comes twice', async () => {
    const text = 'abcdefghij'.repeat(20_000);
    let calls = 0;
    await using t = await answering((_request, response) => {
      response.writeHead(200, { 'content-length': text.length });
      if (++calls > 1) return response.end(text);
      response.write(text.slice(0, 70_001));
      setTimeout(() => response.destroy(), 20);
      return undefined;
    });
    expect(await new Response(await t.client.download('/x')).text()).toBe(text);
  });

  test('of a file that was written anew meanwhile is an error', async () => {
    let calls = 0;
    await using t = await answering((_request, response) => {
      const length = ++calls === 1 ? 1000 : 900;
      response.writeHead(200, { 'content-length': length });
      if (calls > 1) return response.end('x'.repeat(length));
      response.write('x'.repeat(500));
      setTimeout(() => response.destroy(), 20);
      return undefined;
    });
    await expect(t.client.download('/x').then((body) => new Response(body).text())).rejects.toThrow(
      /had 1000 bytes and now has 900/,
    );
  });

  test('that is not read to its end is given up on the scanner too', async () => {
    let closed = false;
    await using t = await answering((_request, response) => {
      response.on('close', () => {
        closed = true;
      });
      const more = setInterval(() => response.write('x'.repeat(10_000)), 1);
      response.on('close', () => clearInterval(more));
    });
    const reader = (await t.client.download('/x')).getReader();
    await reader.read();
    await reader.cancel();
    while (!closed) await new Promise((resolve) => setTimeout(resolve, 5));
  });
});

describe('a scan that is watched', () => {
  test('tells its phases, also when a person pauses it', async () => {
    await using t = await simulated({ speed: 30 });
    const scan = await runScan(t.client, { targets: '192.0.2.0/28' });
    const seen: ScanUpdate[] = [];
    for await (const update of watchScan(t.client, scan.id, QUICK)) {
      seen.push(update);
      if (update.phase === 'running' && !seen.some(({ phase }) => phase === 'paused'))
        await pauseScan(t.client, scan.id);
      if (update.phase === 'paused') {
        await new Promise((resolve) => setTimeout(resolve, 30));
        await resumeScan(t.client, scan.id);
      }
    }
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual([
      'queued',
      'running',
      'paused',
      'completed',
    ]);
    expect(seen.at(-1)).toEqual({ phase: 'completed', status: 'completed', progress: 100 });
  });

  test('and is deleted meanwhile ends the watch with an error', async () => {
    await using t = await simulated({ speed: 1 });
    const scan = await runScan(t.client, { targets: '192.0.2.0/28' });
    // the watch may see the stop before the deletion: what it ends with is caught from the start
    const ended = expect(scan.finished(QUICK)).rejects.toMatchObject({
      code: expect.stringMatching(/not_found|scanner_error/),
    });
    await scan.stop();
    await deleteScan(t.client, scan.id);
    await ended;
  });

  test('and is stopped by a person ends without results', async () => {
    await using t = await simulated({ speed: 1 });
    const scan = await runScan(t.client, { targets: '192.0.2.0/28' });
    await scan.stop();
    await expect(scan.finished(QUICK)).rejects.toThrow(/its status is canceled/);
  });

  test('survives a scanner that does not answer for a while', async () => {
    await using t = await simulated({}, { retry: { tries: 1 } });
    const scan = await runScan(t.client, { targets: '192.0.2.1' });
    t.simulator.fail({ path: /^\/scans\/\d+$/, reset: true, times: 3 });
    expect((await scan.finished(QUICK)).phase).toBe('completed');
  });
});

test('without the scan API, runScan says which licence it is before anything is sent, and a scan can be attached to', async () => {
  await using t = await simulated({ licence: 'essentials' });
  const running = runScan(t.client, { targets: '192.0.2.1' });
  await expect(running).rejects.toBeInstanceOf(ScanApiUnavailableError);
  await expect(running).rejects.toMatchObject({ licence: 'Nessus Essentials' });
  expect(callsOf(t.simulator, 'POST', /scans/)).toBe(0);
  const scan = attachScan(t.client, t.simulator.startByHand({ name: 'by hand', targets: '192.0.2.1' }));
  await scan.finished(QUICK);
  expect(await new Response(await scan.export({ firstWaitMs: 1 })).text()).toContain('192.0.2.1');
});

test('a template that the scanner does not have is an error that names those that it has', async () => {
  await using t = await simulated();
  await expect(findTemplate(t.client, 'scan', 'nope')).rejects.toMatchObject({
    name: 'TemplateNotFoundError',
    code: 'not_found',
    available: expect.arrayContaining(['basic', 'advanced']),
  });
  await expect(runScan(t.client, { targets: '192.0.2.1', template: 'nope' })).rejects.toThrow(
    /no scan template "nope"; it has discovery, basic, advanced/,
  );
});

test.each([
  [{ name: '', text_targets: '192.0.2.1' }, /createScan: settings\.name is empty/],
  [{ name: 'n' }, /createScan: settings\.text_targets is missing/],
])('a scan that no scanner would take is refused before it is sent', async (settings, why) => {
  await using t = await simulated();
  // what a program without types can send
  await expect(createScan(t.client, { uuid: 'u', settings: settings as never })).rejects.toThrow(why);
  expect(t.simulator.requests()).toEqual([]);
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
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    await createTrustingFetch({ insecure: true }).close();
    expect((await warned).message).toMatch(/is not checked/);
  });
});

async function answering(
  respond: RequestListener,
): Promise<AsyncDisposable & { client: NessusClient; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    return respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a TCP server's address is never a text
  return {
    asked,
    client: createNessusClient({
      url: `http://127.0.0.1:${port}`,
      auth: { accessKey: 'a', secretKey: 's' },
      maxJsonBytes: 1_000_000,
      retry: { firstWaitMs: 2 },
    }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

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
