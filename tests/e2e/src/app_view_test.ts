import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { type Browser, chromium } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from './find_chromium.ts';
import { untilFinal } from './mcp_client.ts';
import { type SimulatedServer, startSimulatedServer } from './simulated_server.ts';

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)('the view of MCP Apps', () => {
  let browser: Browser;
  let s: SimulatedServer;
  let client: Client;
  let host = '';
  const tasks: string[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    s = await startSimulatedServer({ speed: 300 }, {});
    client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${s.url}/mcp`)));
    for (const name of ['<img src=x onerror=window.evil=1>', 'later']) {
      const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name });
      await untilFinal(s.client, json.task_id);
      tasks.push(String(json.task_id));
    }
    const bundle = await rolldown({
      input: fileURLToPath(new URL('../fixtures/app_host.mjs', import.meta.url)),
      platform: 'browser',
    });
    host = (await bundle.generate({ format: 'iife' })).output[0].code;
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    await browser?.close();
    await s?.[Symbol.asyncDispose]();
  });

  async function viewOf(tool: string): Promise<string> {
    const found = (await client.listTools()).tools.find(({ name }) => name === tool);
    const { resourceUri = '' } = (found?._meta?.ui ?? {}) as { resourceUri?: string }; // as the extension has it
    const [content] = (await client.readResource({ uri: resourceUri })).contents;
    expect(content?.mimeType).toBe('text/html;profile=mcp-app');
    return content && 'text' in content ? content.text : '';
  }

  test('is one file below 80 kB that asks nobody for anything', async () => {
    const html = await viewOf('get_scan_summary');
    expect(Buffer.byteLength(html)).toBeLessThan(80_000);
    expect(html).not.toMatch(/\b(?:src|href)=|@import|fetch\(|url\(|innerHTML/);
    expect(await viewOf('compare_scans')).toBe(html);
  });

  test.each(['light', 'dark'])(
    'shows a summary and a comparison in a host, in %s',
    async (theme) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      const wrong: string[] = [];
      page.on('pageerror', (error) => wrong.push(String(error)));
      page.on('request', (request) => wrong.push(request.url()));
      await page.setContent('<!doctype html><body></body>');
      await page.addScriptTag({ content: host });
      const show = async (tool: string, args: Record<string, unknown>): Promise<void> => {
        const result = await client.callTool({ name: tool, arguments: args });
        await page.evaluate(
          ([html, answer, colours]) =>
            (globalThis as unknown as { showView(...args: unknown[]): Promise<void> }).showView(
              html,
              answer,
              colours,
            ),
          [await viewOf(tool), result, theme] as const,
        );
      };
      const frame = page.frameLocator('iframe');
      await show('get_scan_summary', { task_id: tasks[0] });
      await frame.getByRole('img', { name: /Findings by severity: \d+ critical/ }).waitFor();
      expect(await frame.locator('h1').textContent()).toContain('<img src=x'); // as text
      expect(await frame.locator('table tr').count()).toBeGreaterThan(10);
      expect((await frame.locator('html').getAttribute('class')) ?? '').toBe(theme === 'dark' ? 'dark' : '');
      await show('compare_scans', { earlier_task_id: tasks[0], later_task_id: tasks[1] });
      await frame.getByText('Still there').waitFor();
      await show('get_scan_summary', { task_id: tasks[0], group_by: 'host' });
      await frame.getByRole('heading', { name: 'By host' }).waitFor();
      expect(
        await page.evaluate(() => (globalThis as unknown as { sizes: unknown[] }).sizes.length),
      ).toBeGreaterThan(0);
      expect(wrong.filter((each) => !each.startsWith('about:'))).toEqual([]);
      await context.close();
    },
    30_000,
  );
});
