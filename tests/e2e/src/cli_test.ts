import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { startSimulator } from '@nmcp/simulator';
import { tempFolder } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appPath, runApp, serveSimulated, startApp } from './app_process.ts';
import { connect, jsonLines } from './mcp_client.ts';

let folder: Awaited<ReturnType<typeof tempFolder>>;
let file: string;
let items: number;

/** An export of the simulated scanner, as its user would have downloaded it. */
beforeAll(async () => {
  folder = await tempFolder();
  file = `${folder.path}/scan.nessus`;
  await using simulator = await startSimulator({ tls: false, speed: 10_000 });
  const headers = {
    'x-apikeys': `accessKey=${simulator.accessKey}; secretKey=${simulator.secretKey}`,
    'content-type': 'application/json',
  };
  const ask = async (method: string, path: string, body?: object): Promise<Response> =>
    fetch(simulator.url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  const { templates } = (await (await ask('GET', '/editor/scan/templates')).json()) as {
    templates: { uuid: string }[];
  };
  const { scan } = (await (
    await ask('POST', '/scans', {
      uuid: templates[0]?.uuid,
      settings: { name: 'n', text_targets: '192.0.2.0/27', launch_now: true },
    })
  ).json()) as { scan: { id: number } };
  let response = await ask('POST', `/scans/${scan.id}/export`, { format: 'nessus' });
  while (!response.ok) response = await ask('POST', `/scans/${scan.id}/export`, { format: 'nessus' });
  const { token } = (await response.json()) as { token: string };
  response = await ask('GET', `/tokens/${token}/download`);
  while (!response.ok) response = await ask('GET', `/tokens/${token}/download`);
  const xml = await response.text();
  items = xml.split('<ReportItem ').length - 1;
  await writeFile(file, xml);
});
afterAll(() => folder[Symbol.asyncDispose]());

const count = (text: string): number =>
  jsonLines(text).filter((line) => line.type === 'vulnerability').length;

describe('nmcp convert', () => {
  test('prints every finding, from a file and from standard input', async () => {
    const fromFile = await runApp('standalone', ['convert', file, '--profile', 'full', '--page', '0']);
    expect(fromFile).toMatchObject({ code: 0, stderr: '' });
    expect(count(fromFile.stdout)).toBe(items);
    const fromInput = await runApp('standalone', ['convert', '-', '--profile', 'full'], {
      input: await readFile(file),
    });
    expect(fromInput.stdout).toBe(fromFile.stdout);
  });

  test('takes fields, filters and pages', async () => {
    const { stdout } = await runApp('standalone', [
      'convert',
      file,
      '--fields',
      'host,severity',
      '--filter',
      '{"severity": ">=3"}',
      '--page',
      '1',
      '--page-size',
      '10',
    ]);
    const lines = jsonLines(stdout);
    expect(lines.at(-1)).toMatchObject({ type: 'pagination', page: 1, page_size: 10 });
    expect(
      lines
        .slice(2, -1)
        .every((line) => Object.keys(line).join() === 'type,host,severity' && Number(line.severity) >= 3),
    ).toBe(true);
  });

  test.each([0.3, 0.5, 0.9])(
    'of a file that is cut at %d prints what was whole, says where it ends, and fails',
    async (part) => {
      const whole = await readFile(file);
      const cut = whole.subarray(0, Math.floor(whole.length * part));
      const path = `${folder.path}/cut.nessus`;
      await writeFile(path, cut);
      const { code, stdout, stderr } = await runApp('standalone', [
        'convert',
        path,
        '--profile',
        'full',
        '--page',
        '0',
      ]);
      expect(code).toBe(1);
      expect(stdout.endsWith('\n')).toBe(true);
      expect(count(stdout)).toBe(cut.toString().split('</ReportItem>').length - 1);
      expect(stderr).toMatch(
        new RegExp(`^nmcp: The document ends early.*\\(byte ${cut.length}, line \\d+\\)\\n$`),
      );
    },
  );

  test.each<[string, string[], RegExp]>([
    ['no such file', ['/nowhere.nessus'], /nowhere\.nessus cannot be read/],
    ['filters that are no JSON', ['FILE', '--filter', '{severity}'], /--filter is not JSON/],
    [
      'an operator that is broken',
      ['FILE', '--filter', '{"cvss_score": ">high"}'],
      /not an operator and a number/,
    ],
    ['an unknown profile', ['FILE', '--profile', 'huge'], /expected one of minimal/],
    ['profile and fields', ['FILE', '--profile', 'full', '--fields', 'host'], /are mutually exclusive/],
    [
      'an unknown format',
      ['FILE', '--to', 'pdf'],
      /--to pdf: expected one of jsonl, csv, xlsx, sarif, ocsf, hdf, ckl, html, md/,
    ],
    [
      'a page of a format without pages',
      ['FILE', '--to', 'csv', '--page', '2'],
      /--page works only with --to jsonl/,
    ],
    ['an unknown field', ['FILE', '--fields', 'hosst'], /did you mean "host"/],
    ['a page that is none', ['FILE', '--page', 'two'], /--page two: expected a whole number/],
  ])('%s: says so and exits with 2', async (_name, args, why) => {
    const { code, stdout, stderr } = await runApp('standalone', [
      'convert',
      ...args.map((arg) => (arg === 'FILE' ? file : arg)),
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(why);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  test.each(['csv', 'xlsx', 'sarif', 'ocsf', 'hdf', 'ckl', 'html', 'md', 'jsonl'])(
    'writes %s to a file, which appears whole',
    async (format) => {
      const path = `${folder.path}/out.${format}`;
      expect(
        await runApp('standalone', [
          'convert',
          file,
          '--to',
          format,
          '-o',
          path,
          '--filter',
          '{"severity": ">=3"}',
        ]),
      ).toEqual({ code: 0, stdout: '', stderr: '' });
      expect((await readFile(path, 'utf8')).length).toBeGreaterThan(1000);
      expect((await readdir(folder.path)).filter((name) => name.endsWith('.part'))).toEqual([]);
    },
  );

  test('of a damaged file to a file leaves none', async () => {
    await writeFile(`${folder.path}/half.nessus`, (await readFile(file)).subarray(0, 50_000));
    expect(
      await runApp('standalone', [
        'convert',
        `${folder.path}/half.nessus`,
        '--to',
        'csv',
        '-o',
        `${folder.path}/half.csv`,
      ]),
    ).toMatchObject({ code: 1 });
    expect(await readdir(folder.path)).not.toContain('half.csv');
  });

  test('sorts', async () => {
    const { stdout } = await runApp('standalone', [
      'convert',
      file,
      '--fields',
      'severity',
      '--sort=-severity',
    ]);
    const severities = jsonLines(stdout)
      .slice(2)
      .map((line) => Number(line.severity));
    expect(severities).toEqual(severities.toSorted((a, b) => b - a));
  });

  test('ends quietly when its reader does', async () => {
    const child = spawn('sh', [
      '-c',
      `"${process.execPath}" "${appPath('standalone')}" convert "${file}" --profile full | head -n 1`,
    ]);
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(out).toMatch(/^\{"type":"schema".*\n$/);
    expect(err).toBe('');
  });
});

describe('nmcp import', () => {
  test('makes a completed task that the tools read', async () => {
    await using data = await tempFolder();
    const imported = await runApp('standalone', [
      'import',
      file,
      '--name',
      'Old scan',
      '--data-dir',
      data.path,
    ]);
    expect(imported.code).toBe(0);
    const { task_id } = JSON.parse(imported.stdout);
    const app = startApp('standalone', ['serve', '--port', '0', '--data-dir', data.path]);
    await using server = app;
    const [, url = ''] = await server.says(/listens at (http:\S+)\/mcp/);
    expect(server.errors()).toContain('No scanner is configured');
    await using client = await connect(url);
    expect((await client.call('get_scan_status', { task_id })).json).toMatchObject({
      status: 'completed',
      name: 'Old scan',
      authentication_status: 'not_applicable',
    });
    expect(count((await client.call('get_scan_results', { task_id, page: 0 })).text)).toBe(items);
    expect((await client.call('list_tasks', { target_filter: '192.0.2.0/24' })).json).toMatchObject({
      total: 1,
    });
    const refused = await client.call('run_untrusted_scan', { targets: '10.0.0.1', name: 'n' });
    expect(refused).toMatchObject({
      isError: true,
      json: { message: expect.stringContaining('No scanner is configured') },
    });
  });

  test('of a damaged file leaves nothing', async () => {
    await using data = await tempFolder();
    await writeFile(`${folder.path}/bad.nessus`, '<NessusClientData_v2><Report name="x">');
    const { code, stderr } = await runApp('standalone', [
      'import',
      `${folder.path}/bad.nessus`,
      '--data-dir',
      data.path,
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Not imported, the file is damaged: The document ends early/);
    expect(await readdir(data.path)).toEqual([]);
  });
});

test('nmcp stdio serves a desktop client, with nothing but protocol on standard output', async () => {
  const client = new Client({ name: 'desktop', version: '0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [appPath('standalone'), 'stdio', '--simulate'],
      stderr: 'ignore',
    }),
  );
  expect((await client.listTools()).tools.map(({ name }) => name)).toContain('run_untrusted_scan');
  const result = await client.callTool({ name: 'list_pools', arguments: {} });
  expect(result.structuredContent).toEqual({ pools: ['nessus'], default_pool: 'nessus' });
  await client.close();
});

test('nmcp serve ends at SIGTERM with 0, and says when its port is taken', async () => {
  const server = await serveSimulated();
  const second = await runApp('standalone', ['serve', '--simulate', '--port', new URL(server.url).port]);
  expect(second).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/Cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/),
  });
  expect(await server.stop()).toBe(0);
});

test('nmcp demo --json prints one object', async () => {
  const { code, stdout } = await runApp('standalone', ['demo', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    task_id: expect.stringMatching(/^ne_scan_/),
    status: 'completed',
    results_summary: expect.objectContaining({ hosts_scanned: expect.any(Number) }),
    timings: {
      startup_ms: expect.any(Number),
      scan_ms: expect.any(Number),
      page_ms: expect.any(Number),
      total_ms: expect.any(Number),
    },
  });
});
