import { describe, expect, test } from 'vitest';
import { callsOf, QUICK, simulated } from './client_test_bench.ts';
import { createScan, listFolders, listTemplates, runScan } from './mod.ts';

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

test('a call has a time limit of its own, and ends with its signal', async () => {
  await using t = await simulated({}, { retry: { tries: 1 } });
  t.simulator.fail({ path: /folders/, delayMs: 2000, times: 2 });
  await expect(listFolders(t.client, { timeoutMs: 50 })).rejects.toThrow(/no answer within 50 ms/);
  const signal = AbortSignal.timeout(30);
  await expect(listFolders(t.client, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
});
