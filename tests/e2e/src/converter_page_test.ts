import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FORMATS } from '@nmcp/schema';
import { tempFolder } from '@nmcp/test-support';
import { chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from './find_chromium.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core');
const chromiumPath = findChromium();
const MAX_BYTES = 250_000;

let folder: Awaited<ReturnType<typeof tempFolder>>;
let page: Page;
let close: () => Promise<void>;
const wrong: string[] = [];

/** An export of so many bytes: plugins say the same on all hosts but for their output. */
async function writeExport(path: string, bytes: number): Promise<void> {
  const out = createWriteStream(path);
  const text = 'The remote host is affected by a vulnerability that lets an attacker run code. '.repeat(20);
  let written = 0;
  const write = async (piece: string): Promise<void> => {
    written += piece.length;
    if (!out.write(piece)) await once(out, 'drain');
  };
  await write(
    '<NessusClientData_v2><Policy><policyName>P</policyName></Policy><Report name="Weekly &lt;b&gt;">',
  );
  for (let host = 0; written < bytes; host++) {
    const items = Array.from(
      { length: 100 },
      (_, plugin) =>
        `<ReportItem port="${plugin % 9}" svc_name="www" protocol="tcp" severity="${plugin % 5}" pluginID="${plugin}" pluginName="Plugin ${plugin}" pluginFamily="F"><description>${text}</description><solution>Upgrade to Thing version 2.${plugin} or later.</solution><cve>CVE-2024-${1000 + plugin}</cve><plugin_output>seen on host ${host}, &lt;script&gt;alert(1)&lt;/script&gt;</plugin_output></ReportItem>`,
    );
    await write(
      `<ReportHost name="10.0.${host >> 8}.${host & 255}"><HostProperties><tag name="operating-system">Linux</tag></HostProperties>${items.join('')}</ReportHost>`,
    );
  }
  await write('</Report></NessusClientData_v2>');
  out.end();
  await once(out, 'close');
}

describe.skipIf(chromiumPath === undefined)('the converter page', () => {
  beforeAll(async () => {
    folder = await tempFolder();
    const file = join(folder.path, 'converter.html');
    const app = join(import.meta.dirname, '../../../apps/converter-page');
    execFileSync(process.execPath, [join(app, 'build.mjs'), file]);
    await writeExport(join(folder.path, 'small.nessus'), 400_000);
    await writeExport(join(folder.path, 'large.nessus'), 100_000_000);
    const browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
    page = await browser.newPage({ acceptDownloads: true });
    page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('request', (request) => /^(?:file|blob|data):/.test(request.url()) || wrong.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    close = () => browser.close();
  });
  afterAll(async () => {
    await close?.();
    await folder?.[Symbol.asyncDispose]();
  });

  const choose = async (...names: string[]): Promise<void> => {
    await page.setInputFiles(
      '#files',
      names.map((name) => join(folder.path, name)),
    );
    await page.waitForFunction(() => /^$|[a-z]/.test(document.querySelector('#matches')?.textContent ?? ''));
    await page.waitForSelector('#result:not([hidden])', { timeout: 60_000 });
  };

  test('is one file under 250 kB, which may connect to nothing', async () => {
    expect((await stat(join(folder.path, 'converter.html'))).size).toBeLessThan(MAX_BYTES);
    const refused = await page.evaluate(() =>
      fetch('http://127.0.0.1:9/').then(
        () => 'connected',
        () => 'refused',
      ),
    );
    expect(refused).toBe('refused');
    expect(wrong.splice(0).join()).toMatch(/connect-src 'none'/);
  });

  test('shows a summary and a table with filters, and what a host wrote as text', async () => {
    await choose('small.nessus');
    expect(await page.textContent('#title')).toBe('Weekly <b>');
    expect(await page.textContent('#facts')).toMatch(/^\d+ hosts, \d+ findings, policy P/);
    await page.selectOption('#severity', '4');
    await page.fill('#host', '10.0.0.0/31');
    await page.waitForFunction(() => document.querySelector('#matches')?.textContent === '40 findings');
    await page.fill('#text', 'cve-2024-1004');
    await page.waitForFunction(() => document.querySelector('#matches')?.textContent === '2 findings');
    expect(await page.textContent('#findings tbody tr td:nth-child(4)')).toBe('Plugin 4');
  });

  test('offers every format and saves each', async () => {
    const offered = await page.$$eval('#format option', (options) =>
      options.map((option) => (option as HTMLOptionElement).value),
    );
    expect(offered.toSorted()).toEqual(['jsonl', ...Object.keys(FORMATS)].toSorted());
    for (const format of offered) {
      await page.selectOption('#format', format);
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
      const path = join(folder.path, `saved.${format}`);
      await download.saveAs(path);
      expect((await stat(path)).size, format).toBeGreaterThan(500);
    }
    expect(await readFile(join(folder.path, 'saved.csv'), 'utf8')).toMatch(/^"Plugin ID","CVE"/);
    expect((await readFile(join(folder.path, 'saved.xlsx'))).subarray(0, 2).toString()).toBe('PK');
  });

  test('says what is wrong with a file', async () => {
    await page.setInputFiles('#files', {
      name: 'page.nessus',
      mimeType: 'text/html',
      buffer: Buffer.from('<!DOCTYPE html><html>'),
    });
    await page.waitForFunction(() =>
      /This is an HTML page/.test(document.querySelector('#status')?.textContent ?? ''),
    );
  });

  test('reads 100 MB without holding up the page', async () => {
    await page.evaluate(() => {
      const long: number[] = [];
      Object.assign(globalThis, { long });
      new PerformanceObserver((list) =>
        long.push(...list.getEntries().map(({ duration }) => duration)),
      ).observe({ type: 'longtask' });
    });
    await choose('large.nessus');
    const long = await page.evaluate(() => (globalThis as unknown as { long: number[] }).long);
    expect(long.filter((duration) => duration > 200)).toEqual([]);
  });

  test('is accessible, empty and with a result', async () => {
    for (const reload of [false, true]) {
      if (reload) await page.reload();
      const violations = await page
        .evaluate(
          async (source) => {
            const load = new Function(`${source}\nreturn axe;`);
            const { violations } = await load().run(document);
            return violations.map(
              ({ id, nodes }: { id: string; nodes: { html: string }[] }) => `${id}: ${nodes[0]?.html}`,
            );
          },
          await readFile(AXE, 'utf8'),
        )
        .catch((error: unknown) => [String(error)]);
      expect(violations).toEqual([]);
    }
  });

  test('nothing went wrong, and nothing was asked for', () => {
    expect(wrong).toEqual([]);
  });
});
