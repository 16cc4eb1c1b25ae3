import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { answering, callsOf, finished, simulated } from './client_test_bench.ts';
import { exportScan } from './mod.ts';

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
