// What scanners in the field answer, each from a public report or a vendor's page; see the table of quirks in the README.
import { describe, expect, test } from 'vitest';
import { answering } from './client_test_bench.ts';
import {
  createScan,
  ExportFailedError,
  exportScan,
  findScansByMarker,
  getScan,
  getScanList,
  getServerProperties,
  getServerStatus,
  isKnownStatus,
  listScans,
  ScanApiUnavailableError,
  scanPhase,
} from './mod.ts';

/** Answers by method and path: an answer each, the last one again and again. */
function answers(script: Record<string, readonly Answer[]>): Parameters<typeof answering>[0] {
  const asked = new Map<string, number>();
  return (request, response) => {
    const call = `${request.method} ${request.url?.split('?')[0]}`;
    const count = asked.get(call) ?? 0;
    asked.set(call, count + 1);
    const list = script[call] ?? [[404, { error: 'not found' }]];
    const answer = list[Math.min(count, list.length - 1)];
    if (!answer || answer === 'closed') return response.destroy();
    const [status, body] = answer;
    response.statusCode = status;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

type Answer = [status: number, body: unknown] | 'closed';

const text = async (stream: Promise<ReadableStream<Uint8Array>>): Promise<string> =>
  await new Response(await stream).text();
const FAST = { firstWaitMs: 1 };

describe('lists and objects', () => {
  test('a list of scans that is null is empty', async () => {
    const body = { scans: null, folders: null, timestamp: null };
    await using t = await answering(answers({ 'GET /scans': [[200, body]] }));
    expect(await listScans(t.client)).toEqual([]);
  });

  test.each([
    ['null', null],
    ['an empty object', {}],
    ['HTML', '<html>log in</html>'],
    ['nothing', ''],
  ])('a list of scans that is %s is none, and not empty', async (_name, body) => {
    await using t = await answering(answers({ 'GET /scans': [[200, body]] }));
    await expect(listScans(t.client)).rejects.toMatchObject({ code: 'scanner_error', httpStatus: 200 });
  });

  test('numbers as text, times in milliseconds, and an entry that is odd', async () => {
    const scans = [
      { id: '7', name: 'a', status: 'completed', creation_date: 1_700_000_000_123, unread_count: null },
      { name: 'without an id', status: 'running' },
      { id: 8, name: 9, status: null, read: 1, owner: 5, shared: 'yes' },
    ];
    await using t = await answering(answers({ 'GET /scans': [[200, { scans, timestamp: '1700000000' }]] }));
    const list = await getScanList(t.client);
    expect(list.timestamp).toBe(1_700_000_000);
    expect(list.scans).toMatchObject([
      { id: 7, creation_date: 1_700_000_000 },
      { id: 8, name: '9', status: '', read: true, owner: '5', shared: true },
    ]);
  });

  test('null in place of what a scan has', async () => {
    const body = {
      info: { status: 'running', name: null, hostcount: '2', scan_end: null },
      hosts: null,
      history: null,
    };
    await using t = await answering(answers({ 'GET /scans/5': [[200, body]] }));
    expect(await getScan(t.client, 5)).toMatchObject({ info: { hostcount: 2 }, hosts: [], history: [] });
  });

  test('null in place of capabilities, licence and features', async () => {
    const body = { nessus_type: 'Nessus', capabilities: null, license: { features: null, ips: '16' } };
    await using t = await answering(
      answers({
        'GET /server/properties': [
          [200, body],
          [200, { license: null }],
        ],
      }),
    );
    expect(await getServerProperties(t.client)).toMatchObject({ license: { ips: 16 } });
    expect(await getServerProperties(t.client)).toMatchObject({ license: null });
  });

  test.each([
    ['cancelled', 'failed', true],
    ['canceling', 'running', true],
    ['Completed', 'completed', true],
    ['publishing', 'running', true],
    ['marinating', 'running', false],
  ])('the status %s is %s', (word, phase, known) => {
    expect([scanPhase(word), isKnownStatus(word)]).toEqual([phase, known]);
  });
});

describe('a scanner that loads', () => {
  test.each<[string, Answer]>([
    ['answers 503 with a status', [503, { status: 'loading', progress: 40 }]],
    ['answers 503 with nothing', [503, '']],
    [
      'says ready while its engine loads',
      [200, { status: 'ready', detailed_status: { engine_status: { status: 'loading', progress: 3 } } }],
    ],
  ])('%s', async (_name, answer) => {
    await using t = await answering(answers({ 'GET /server/status': [answer] }));
    expect((await getServerStatus(t.client)).status).toBe('loading');
  });
});

test.each<[string, Answer]>([
  ['412', [412, { error: 'API is not available' }]],
  ['a closed connection', 'closed'],
])('a licence without scan API that answers %s to a new scan is said to be one', async (_name, answer) => {
  const license = { features: { scan_api: false } };
  await using t = await answering(
    answers({
      'POST /scans': [answer],
      'GET /server/properties': [[200, { nessus_type: 'Nessus Professional', license }]],
    }),
  );
  const creating = createScan(t.client, { uuid: 'u', settings: { name: 'n', text_targets: '10.0.0.1' } });
  await expect(creating).rejects.toThrow(ScanApiUnavailableError);
  await expect(creating).rejects.toThrow(/it is Nessus Professional/);
});

describe('an export', () => {
  const asked: Answer = [200, { file: 3 }];
  const ready: Answer = [200, { status: 'ready' }];
  const status = 'GET /scans/5/export/3/status';
  const download = 'GET /scans/5/export/3/download';

  test.each<[string, Record<string, readonly Answer[]>]>([
    [
      'with a token of a version that has no /tokens',
      { 'POST /scans/5/export': [[200, { file: 3, token: 'abc' }]] },
    ],
    [
      'that is forgotten while it is written',
      {
        [status]: [[200, { status: 'loading' }], [404, { error: 'The requested file was not found' }], ready],
      },
    ],
    [
      'that is forgotten before its download',
      {
        [download]: [
          [404, { error: 'The requested file was not found' }],
          [200, 'xml'],
        ],
      },
    ],
    ['that could not be written the first time', { [status]: [[500, { status: 'error' }], ready] }],
    [
      'that is refused for a moment after the end',
      {
        'POST /scans/5/export': [
          [409, { error: 'Can not export running scans' }],
          [409, { error: 'Can not export running scans' }],
          asked,
        ],
        'GET /scans/5': [[200, { info: { status: 'completed' } }]],
      },
    ],
    ['whose status fails for a while', { [status]: [[502, '<html>'], [503, ''], ready] }],
  ])('%s comes in the end', async (_name, script) => {
    await using t = await answering(
      answers({ 'POST /scans/5/export': [asked], [status]: [ready], [download]: [[200, 'xml']], ...script }),
      { retry: { tries: 1 } },
    );
    expect(await text(exportScan(t.client, 5, FAST))).toBe('xml');
  });

  test('that fails each time is a fault of the scan, and not of the scanner', async () => {
    await using t = await answering(
      answers({ 'POST /scans/5/export': [asked], [status]: [[500, { status: 'error' }]] }),
      { retry: { tries: 1 } },
    );
    const failing = exportScan(t.client, 5, FAST);
    await expect(failing).rejects.toThrow(ExportFailedError);
    await expect(failing).rejects.toMatchObject({
      code: 'scanner_error',
      message: 'The scanner could not write the export, 4 times, of scan 5',
    });
  });

  test('of a scan that runs is refused at once', async () => {
    await using t = await answering(
      answers({
        'POST /scans/5/export': [[409, { error: 'Can not export running scans' }]],
        'GET /scans/5': [[200, { info: { status: 'running' } }]],
      }),
    );
    await expect(exportScan(t.client, 5, FAST)).rejects.toMatchObject({ httpStatus: 409 });
  });

  test('tells how long it has been waited for', async () => {
    await using t = await answering(
      answers({
        'POST /scans/5/export': [asked],
        [status]: [[200, { status: 'loading' }], [200, { status: 'loading' }], ready],
        [download]: [[200, 'xml']],
      }),
    );
    const waits: number[] = [];
    await text(exportScan(t.client, 5, { firstWaitMs: 2, onWait: (ms) => waits.push(ms) }));
    expect(waits).toEqual([0, 2]);
  });
});

describe('looking for a scan by its marker', () => {
  const marked = { settings: { basic: { inputs: [{ id: 'description', default: '[nmcp:t]' }] } } };
  const entry = (id: number, more: object = {}): object => ({
    id,
    name: 'n',
    status: 'empty',
    creation_date: 1000,
    ...more,
  });

  test('passes over scans that may not be read, were removed meanwhile, or were imported', async () => {
    await using t = await answering(
      answers({
        'GET /scans': [[200, { scans: [entry(1, { user_permissions: 16 }), entry(2), entry(3)] }]],
        'GET /editor/scan/1': [[403, { error: 'no' }]],
        'GET /editor/scan/3': [[200, marked]],
      }),
    );
    expect(await findScansByMarker(t.client, { marker: 'nmcp:t', name: 'n' })).toEqual([3]);
  });

  test('does not take a refusal of what is ours for an answer', async () => {
    await using t = await answering(
      answers({
        'GET /scans': [[200, { scans: [entry(1, { user_permissions: 128 })] }]],
        'GET /editor/scan/1': [[403, { error: 'no' }]],
      }),
    );
    await expect(findScansByMarker(t.client, { marker: 'nmcp:t' })).rejects.toMatchObject({
      httpStatus: 403,
    });
  });

  test.each([
    ['null', null],
    ['settings that are null', { uuid: 'u', settings: null }],
  ])('does not take an editor that answers %s for a no', async (_name, body) => {
    await using t = await answering(
      answers({ 'GET /scans': [[200, { scans: [entry(1)] }]], 'GET /editor/scan/1': [[200, body]] }),
    );
    await expect(findScansByMarker(t.client, { marker: 'nmcp:t' })).rejects.toMatchObject({
      code: 'scanner_error',
      httpStatus: 200,
    });
  });

  test('knows a name that the scanner has trimmed or composed', async () => {
    const name = ' Büro \u0065\u0301'; // composed by the scanner
    await using t = await answering(
      answers({
        'GET /scans': [[200, { scans: [entry(1, { name: 'Büro é' })] }]],
        'GET /editor/scan/1': [[200, marked]],
      }),
    );
    expect(await findScansByMarker(t.client, { marker: 'nmcp:t', name })).toEqual([1]);
  });

  test('looks into none of 200 of one name that are older', async () => {
    const old = Array.from({ length: 200 }, (_, i) => entry(i + 1));
    const asked: string[] = [];
    const script = answers({
      'GET /scans': [[200, { scans: [...old, entry(900, { creation_date: 99_990 })], timestamp: 100_000 }]],
      'GET /editor/scan/900': [[200, marked]],
    });
    await using t = await answering((request, response) => {
      asked.push(String(request.url));
      return script(request, response);
    });
    const query = { marker: 'nmcp:t', name: 'n', maxAgeMs: 60_000 };
    expect(await findScansByMarker(t.client, query)).toEqual([900]);
    expect(asked).toEqual(['/scans', '/editor/scan/900']);
  });
});
