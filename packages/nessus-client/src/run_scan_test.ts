import { describe, expect, test } from 'vitest';
import { callsOf, QUICK, simulated } from './client_test_bench.ts';
import {
  attachScan,
  createScan,
  deleteScan,
  findTemplate,
  pauseScan,
  resumeScan,
  runScan,
  ScanApiUnavailableError,
  type ScanUpdate,
  watchScan,
} from './mod.ts';

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
