import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { findChromium } from './find_chromium.ts';
import { untilFinal } from './mcp_client.ts';
import { type SimulatedServer, startSimulatedServer } from './simulated_server.ts';
import { type Visit, visitSite } from './visit_site.ts';

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)('the dashboard of the network', () => {
  let browser: Browser;
  let s: SimulatedServer;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    s = await startSimulatedServer({ speed: 300 }, {});
    const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/27', name: 'first' });
    await untilFinal(s.client, json.task_id);
    const assets = async (): Promise<unknown> => (await s.client.call('search_assets')).json.total_assets;
    await vi.waitUntil(async () => Number(await assets()) > 0, { timeout: 20_000 });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await s?.[Symbol.asyncDispose]();
  });

  const look = (): Promise<Visit> => visitSite(browser, s.url);

  test('the network over time is read from charts, tables and words', async () => {
    await using looked = await look();
    const { page, wrong } = looked;
    await page.goto('/network');
    const chart = page.getByRole('img', { name: /^Open findings at the end of each week\. .*\d+ critical/ });
    expect(await chart.count()).toBe(1);
    expect(await page.getByRole('img', { name: /percent of the assets were reached/ }).count()).toBe(1);
    await page.getByText('These weeks as a table').click();
    const weeks = page.getByRole('region', { name: /^Weeks from Monday/ });
    expect(await weeks.locator('tbody tr').count()).toBe(12);
    await page.locator('.tile.critical a').click();
    await page.waitForURL(/\/network\/vulnerabilities\?severity=%3D4/);
    for (const chip of await page.locator('tbody .chip').allTextContents()) expect(chip).toBe('Critical');
    await page.locator('tbody a').first().click();
    await page.waitForURL(/\/network\/vulnerabilities\/\d+/);
    expect(await page.locator('.about').textContent()).toMatch(/Plugin\d+.*Solution/s);
    await page.locator('tbody a[href^="/network/assets/"]').first().click();
    await page.waitForURL(/\/network\/assets\/nessus\//);
    expect(await page.locator('.timeline li').count()).toBeGreaterThan(0);
    expect(await page.getByRole('img', { name: /^Open findings after each day/ }).count()).toBe(1);
    await page.locator('tbody a[href*="/findings/"]').first().click();
    await page.waitForURL(/\/network\/assets\/nessus\/[^/]+\/findings\//);
    expect(await page.getByRole('heading', { name: 'What the scanner saw' }).count()).toBe(1);
    expect((await page.locator('pre').textContent())?.trim()).not.toBe('');
    await page.getByRole('link', { name: 'in the scan' }).click();
    await page.waitForURL(/\/scans\/.*\/plugins\//);
    await page.goto('/network/vulnerabilities?since=soon');
    expect(await page.getByRole('alert').textContent()).toContain('is no date');
    for (const none of ['none', '192.0.2.1/findings/0%2Ftcp%2F1'])
      expect((await page.goto(`/network/assets/nessus/${none}`))?.status()).toBe(404);
    expect(wrong.filter((each) => !each.includes('404'))).toEqual([]);
  }, 30_000);

  test('the plan is a ticket and a file, too', async () => {
    await using looked = await look();
    const { page } = looked;
    await page.goto('/network/fixes?network=192.0.2.0/27');
    await page.getByText('Ticket text').click();
    expect(await page.locator('pre').textContent()).toMatch(
      /^\d+ open findings on \d+ hosts in 192\.0\.2\.0\/27/,
    );
    const answer = await page.request.get('/network/fixes/export/csv');
    expect((await answer.text()).split('\r\n')[0]).toBe(
      '"Step","Severity","Findings","Hosts","Exploited","Exploit known","Overdue","CVEs","Where"',
    );
    expect((await page.request.get('/network/fixes/export/exe')).status()).toBe(404);
  }, 30_000);

  test('a risk is accepted by a form, which says what is wrong with it, and taken back', async () => {
    await using looked = await look();
    const { page } = looked;
    await page.goto('/network/risks');
    const accept = async (fields: Record<string, string>): Promise<void> => {
      for (const [word, value] of Object.entries(fields)) await page.getByLabel(word).fill(value);
      await page.getByRole('button', { name: 'Accept' }).click();
    };
    await accept({ Reason: 'a lab', 'Only there': '10.0.0.0/99', Plugin: '19506' });
    expect(await page.getByRole('alert').textContent()).toContain('host:');
    await accept({ 'Only there': '192.0.2.0/24' });
    const row = page.locator('tbody tr', { hasText: 'a lab' });
    expect(Number(await row.locator('td.number').textContent())).toBeGreaterThan(0);
    await row.getByRole('link', { name: 'plugin 19506' }).click();
    await page.waitForURL(/state=accepted/);
    expect(await page.locator('tbody .state.accepted').count()).toBeGreaterThan(0);
    await page.goto('/network/risks');
    await page.getByRole('button', { name: 'Take back' }).click();
    expect(await page.locator('main').textContent()).toContain('No risk is accepted.');
  }, 30_000);
});
