import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { estimateTokens, FORMATS, readFindings } from '@nmcp/schema';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';
import { openResults, validateResults } from '../mod.ts';

/** A stored export of so many findings, the outputs of so many characters. */
async function stored(folder: string, { findings = 10, output = 10 } = {}): Promise<string> {
  const path = `${folder}/scan_native.nessus`;
  const items = Array.from(
    { length: findings },
    (_, i) =>
      `<ReportItem port="${i}" svc_name="www" protocol="tcp" severity="${i % 5}" pluginID="${1000 + (i % 7)}" pluginName="P" pluginFamily="F"><plugin_output>${String(i).padEnd(output, 'a')}</plugin_output></ReportItem>`,
  );
  await writeFile(
    path,
    `<NessusClientData_v2><Report name="r"><ReportHost name="10.0.0.1"><HostProperties/>${items.join('\n')}</ReportHost></Report></NessusClientData_v2>`,
  );
  return path;
}

async function piecesOf(source: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces = [];
  for await (const piece of source) pieces.push(piece);
  return pieces;
}

test('a thread answers as the reader does, and carries its errors', async () => {
  await using folder = await tempFolder();
  await using results = openResults();
  const path = await stored(folder.path);
  expect(await results.validate(path)).toEqual(await validateResults(path, {}));
  expect(await results.ask('hostNames', path)).toEqual(['10.0.0.1']);
  const query = { pageSize: 3, filters: { severity: '>=3' }, profile: 'full', lockdown: false } as const;
  const { lines, tokens } = await results.ask('lines', path, query);
  expect(tokens).toBe(lines.slice(1).reduce((sum, line) => sum + estimateTokens(line), 0));
  expect(lines.join()).toContain('"from_host":["plugin_output"]');
  const locked = await results.ask('lines', path, { ...query, lockdown: true });
  expect(locked.lines).toHaveLength(lines.length);
  expect(locked.lines.join()).not.toMatch(/plugin_output|aaa/);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'pagination', total_pages: 1 });
  expect(await results.ask('groups', path, { by: 'severity', top: 1 })).toMatchObject({ total_groups: 5 });
  await expect(results.ask('groups', path, { by: 'nothing' })).rejects.toMatchObject({
    code: 'invalid_input',
    title: 'Invalid group_by',
  });
  await expect(results.ask('scan', `${folder.path}/gone.nessus`)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a file that is damaged is refused with its place, in another thread too', async () => {
  await using folder = await tempFolder();
  await using results = openResults();
  const path = `${folder.path}/scan_native.nessus`;
  await writeFile(path, '<NessusClientData_v2>\n<Report name="r">');
  const refusal = await results.ask('scan', path).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ name: 'DocumentError', code: 'damaged_document', line: 2 });
  const direct = await validateResults(path, {});
  expect(await results.validate(path)).toEqual(direct);
});

test.each(['jsonl', 'csv', 'html'])('a conversion to %s through a thread is the same', async (format) => {
  await using folder = await tempFolder();
  await using results = openResults();
  const path = await stored(folder.path, { findings: 5000, output: 200 });
  const decoder = new TextDecoder();
  let text = '';
  for await (const piece of results.convert(path, format)) text += decoder.decode(piece, { stream: true });
  if (format === 'jsonl') expect(text.trimEnd().split('\n')).toHaveLength(5002);
  else {
    let expected = '';
    for await (const piece of FORMATS[format as 'csv'].exporter(readFindings(createReadStream(path))))
      expected += piece;
    expect(text).toBe(expected);
  }
});

test('a conversion that is left early ends its thread’s work, and those of a damaged file say why', async () => {
  await using folder = await tempFolder();
  await using results = openResults();
  const path = await stored(folder.path, { findings: 4000, output: 200 });
  for (let i = 0; i < 12; i++) for await (const piece of results.convert(path, 'csv')) if (piece) break;
  const rest = await piecesOf(results.convert(path, 'csv'));
  expect(rest.length).toBeGreaterThan(10);
  await writeFile(path, '<NessusClientData_v2><Report name="r"><ReportHost name="a"><ReportItem');
  await expect(piecesOf(results.convert(path, 'csv'))).rejects.toMatchObject({
    code: 'damaged_document',
  });
});

test('an answer that would be too long is refused with a way on', async () => {
  await using folder = await tempFolder();
  await using results = openResults();
  const path = await stored(folder.path, { findings: 400, output: 50_000 });
  const asked = results.ask('lines', path, { page: 0, profile: 'full', lockdown: false });
  await expect(asked).rejects.toMatchObject({
    code: 'invalid_input',
    message: expect.stringMatching(/longer than 16 MB; ask for less at a time, by page_size, max_tokens/),
  });
  const page = { page: 1, pageSize: 10, profile: 'full', lockdown: false } as const;
  expect((await results.ask('lines', path, page)).lines).toHaveLength(13);
});

/** A module of jobs that go wrong, by the name of the question. */
const BAD_JOBS = `
export default async ({ name }) => {
  if (name === 'hang') for (;;);
  if (name === 'die') setTimeout(() => { throw new Error('thread died'); });
  if (name === 'grow') for (const held = []; ; ) held.push(Array.from({ length: 100_000 }, Math.random));
  if (name !== 'answer') await new Promise(() => {});
  return { value: 'here' };
};`;

test.each([
  ['hang', 'took longer than 1 s'],
  ['die', 'ended without an answer'],
  ['grow', 'needs more memory'],
])('a thread that would %s ends its question, and others are answered', async (name, why) => {
  await using folder = await tempFolder();
  const jobs = `${folder.path}/jobs.mjs`;
  await writeFile(jobs, BAD_JOBS);
  // what asks for memory has time for it
  await using results = openResults({ jobs, maxMs: name === 'hang' ? 1000 : 60_000, maxMegabytes: 32 });
  const ask = (question: string, share: string): Promise<unknown> =>
    results.ask(question as 'scan', 'x.nessus', undefined, { share });
  const bad = [ask(name, 'hostile'), ask(name, 'hostile'), ask(name, 'hostile')];
  const settled = Promise.allSettled(bad);
  expect(await ask('answer', 'honest')).toBe('here'); // of three, two wait for their turn
  for (const { status, reason } of (await settled) as PromiseRejectedResult[]) {
    expect(status).toBe('rejected');
    expect(reason).toMatchObject({ code: 'unavailable', message: expect.stringContaining(why) });
  }
  expect(await ask('answer', 'hostile')).toBe('here');
});

test('who leaves does not wait for the thread, which is ended', async () => {
  await using folder = await tempFolder();
  const jobs = `${folder.path}/jobs.mjs`;
  await writeFile(jobs, BAD_JOBS);
  await using results = openResults({ jobs, threads: 1 });
  for (const begins of [false, true]) {
    const left = new AbortController();
    const asked = results.ask('hang' as 'scan', 'x', undefined, { signal: left.signal });
    if (begins) await new Promise(setImmediate);
    left.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
    expect(await results.ask('answer' as 'scan', 'x')).toBe('here');
  }
});

test('a file without an index gets one, once for all who ask', async () => {
  await using folder = await tempFolder();
  await using results = openResults();
  const path = await stored(folder.path, { findings: 1000 });
  const all = await Promise.all(Array.from({ length: 8 }, () => results.ask('hostNames', path)));
  expect(all.flat()).toEqual(Array(8).fill('10.0.0.1'));
});
