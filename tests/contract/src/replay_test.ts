import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseScannerReport, type RecordedCall, recordScanner } from '@nmcp/registry';
import { startSimulator } from '@nmcp/simulator';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { runRecordedCases } from './recorded_cases.mjs';
import { startReplay } from './replay_server.mjs';

const folder = fileURLToPath(new URL('../../recorded/', import.meta.url));

describe('what the product does with a scanner, against reports that are played back', () => {
  test.each(readdirSync(folder).filter((name) => name.endsWith('.json')))('%s', async (name) => {
    const { report } = parseScannerReport(readFileSync(join(folder, name), 'utf8'), name);
    const replay = await startReplay(report);
    try {
      const results = await runRecordedCases(report, replay.url, replay.missing);
      expect(results.filter(({ outcome }) => outcome === 'FAILED')).toEqual([]);
      expect(results.filter(({ outcome }) => outcome === 'holds').length).toBeGreaterThanOrEqual(3);
    } finally {
      await replay.close();
    }
  });
});

describe('a recording', () => {
  test('holds no host, name or secret, and is played back as the scanner was', async () => {
    await using simulator = await startSimulator({ tls: false, speed: 5000, password: 'planted-password' });
    const { url, accessKey, secretKey, username, password } = simulator;
    const headers = {
      'x-apikeys': `accessKey=${accessKey}; secretKey=${secretKey}`,
      'content-type': 'application/json',
    };
    const post = (path: string, body: object): Promise<Response> =>
      fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const uuid = 'ad629e16-03b6-8c1d-cef6-ef8c9dd3c658d24bd260ef5f9e66';
    const settings = {
      name: 'Planted Bank',
      text_targets: '10.77.0.0/28',
      description: 'planted-description',
      launch_now: true,
    };
    await post('/scans', { uuid, settings });
    await expect.poll(() => simulator.scans()[0]?.status).toBe('completed');
    const report = await recordScanner({ url, auth: { username, password }, tls: {} });
    const text = JSON.stringify(report);
    for (const secret of ['lanted', '10.77', accessKey, secretKey, '.example'])
      expect([secret, text.includes(secret)]).toEqual([secret, false]);
    expect(report.product).toMatch(/^Nessus Manager \d+\./);
    expect(report.calls.length).toBeGreaterThan(12);
    expect(
      simulator
        .requests()
        .filter(({ method }) => method !== 'GET')
        .map(({ path }) => path),
    ).toEqual(expect.arrayContaining(['/session', expect.stringMatching(/export$/)]));
    const { isEdited } = parseScannerReport(text, 'report.json');
    expect(isEdited).toBe(false);
    const replay = await startReplay(report);
    const results = await runRecordedCases(report, replay.url, replay.missing);
    await replay.close();
    expect(results.map(({ outcome }) => outcome)).toEqual(['holds', 'holds', 'holds', 'holds']);
  });

  test('of a scanner that is away says that no call was answered', async () => {
    const report = await recordScanner({
      url: 'http://127.0.0.1:9',
      auth: { accessKey: 'a', secretKey: 's' },
      tls: {},
    });
    expect(report.calls.every(({ status }) => status === 0)).toBe(true);
    expect(report.product).toBe('unknown');
  });
});

describe('a report that somebody edited', () => {
  const whole = readFileSync(join(folder, 'nessus_8.json'), 'utf8');
  const edited = (edit: (report: Record<string, unknown> & { calls: RecordedCall[] }) => void): string => {
    const report = JSON.parse(whole);
    edit(report);
    return JSON.stringify(report);
  };

  test.each<[string, string, RegExp]>([
    ['is cut', whole.slice(0, 2000), /f\.json is no report of a scanner: it is not JSON/],
    ['is something else', '{"a":1}', /format is missing/],
    [
      'is of a later version',
      edited((report) => Object.assign(report, { version: 2 })),
      /version: expected 1; a later version/,
    ],
    [
      'has a call with another method',
      edited(({ calls }) => Object.assign(calls[3] ?? {}, { method: 'DELETE' })),
      /calls\.3\.method: expected GET or POST/,
    ],
    [
      'has a status that is none',
      edited(({ calls }) => Object.assign(calls[0] ?? {}, { status: 'ok' })),
      /calls\.0\.status: expected an HTTP status/,
    ],
  ])('and that %s is refused with where and what', (_name, text, why) => {
    expect(() => parseScannerReport(text, 'f.json')).toThrow(why);
  });

  test('and that is still one is told to be edited', async () => {
    await using temp = await tempFolder();
    const path = join(temp.path, 'report.json');
    writeFileSync(
      path,
      edited((report) => Object.assign(report, { digest: '0'.repeat(64) })),
    );
    expect(parseScannerReport(readFileSync(path, 'utf8'), path)).toMatchObject({ isEdited: true });
  });
});
