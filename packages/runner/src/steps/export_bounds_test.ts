import { Readable } from 'node:stream';
import type { Scanner } from '@nmcp/types';
import { describe, expect, test } from 'vitest';
import { bench } from '../runner_test_bench.ts';
import { boundedExport } from './bounded_export.ts';
import { warnOfForeignHosts } from './foreign_hosts.ts';

const MB = 1_048_576;

/** As web streams, which the scanner's client gives. */
const streamOf = (source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> =>
  Readable.toWeb(Readable.from(source)) as ReadableStream<Uint8Array>; // of what was put in

async function* megabytes(count: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield new Uint8Array(MB);
}

async function drain(source: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of source) bytes += chunk.length;
  return bytes;
}

describe('an export', () => {
  test('passes when it is as large as it may be', async () => {
    expect(await drain(boundedExport(megabytes(3), { maxBytes: 3 * MB, freeBytes: async () => 1e12 }))).toBe(
      3 * MB,
    );
  });

  test('that is larger is refused as it comes', async () => {
    await expect(
      drain(boundedExport(megabytes(1e9), { maxBytes: 3 * MB, freeBytes: async () => 1e12 })),
    ).rejects.toMatchObject({
      code: 'scanner_error',
      message: expect.stringMatching(/larger than .* GB \(EXPORT_MAX_GB\)/),
    });
  });

  test('that the disk has no room for is the disk’s fault, and waited for', async () => {
    let free = 200 * MB;
    const freeBytes = async (): Promise<number> => {
      free -= 32 * MB;
      return free;
    };
    await expect(drain(boundedExport(megabytes(1e9), { maxBytes: 1e12, freeBytes }))).rejects.toMatchObject({
      code: 'storage',
      cause: { code: 'ENOSPC' },
    });
  });
});

test('a task that is canceled stops its download at once, also one that brings nothing', async () => {
  let ended: unknown;
  let begun = (): void => {};
  const downloading = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const stalled: Scanner['exportResults'] = async (_id, { signal } = {}) =>
    streamOf(
      (async function* () {
        yield new TextEncoder().encode('<NessusClientData_v2>');
        begun();
        await new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => {
            ended = signal.reason;
            reject(signal.reason);
          });
        });
      })(),
    );
  await using t = await bench({
    speed: 1000,
    wrap: (make) => (config) => ({ ...make(config), exportResults: stalled }),
  });
  const id = await t.submit();
  t.start();
  await downloading;
  await t.tasks.change(id, undefined, (task) => ({
    ...task,
    cancel: { at: new Date().toISOString(), by: 'alice' },
  }));
  expect(await t.ended(id)).toMatchObject({ status: 'failed', failure_reason: 'canceled' });
  expect(ended).toMatchObject({ code: 'canceled' });
});

test('a report that is too large fails its task, and says what to do', async () => {
  await using t = await bench({ speed: 1000 });
  const id = await t.submit();
  t.start({ maxExportBytes: 1000 });
  expect(await t.ended(id)).toMatchObject({
    status: 'failed',
    error_message: expect.stringMatching(/EXPORT_MAX_GB/),
  });
});

test('a report of other hosts is stored with a warning', async () => {
  await using t = await bench({ speed: 1000 });
  const id = await t.submit();
  await t.tasks.change(id, undefined, (task) => task);
  t.start();
  const task = await t.ended(id);
  expect(task.validation_warnings).toEqual([]);
  expect(warnOfForeignHosts('10.0.0.0/24', ['10.0.0.7', '10.1.0.1', 'web.example[10.2.0.1]'])).toBe(
    'The report holds 2 hosts that are not among the targets of the scan: 10.1.0.1, web.example[10.2.0.1]',
  );
});

test.each([
  ['10.0.0.0/24', ['10.0.0.7', 'web.example[10.0.0.8]']],
  ['web.example', ['web.example', '10.0.0.7', 'WEB.example[10.0.0.7]']],
  ['web.example[10.0.0.7]', ['10.0.0.7']],
  ['', ['10.0.0.7']],
  ['10.0.0.0/24', ['WORK STATION!']],
])('%j is what was scanned in %j', (targets, hosts) => {
  expect(warnOfForeignHosts(targets, hosts)).toBeUndefined();
});

test.each([
  ['10.0.0.0/24', '10.0.1.1', /1 host that is not among/],
  ['web.example', 'other.example', /other\.example/],
  ['web.example[10.0.0.7]', '10.0.0.8', /10\.0\.0\.8/],
])('%s is not %s', (targets, host, why) => {
  expect(warnOfForeignHosts(targets, [host])).toMatch(why);
});
