import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium } from './find_chromium.ts';
import { untilFinal } from './mcp_client.ts';
import { brokenCells, seriousFor, wideElements } from './page_checks.ts';
import { type SimulatedServer, startSimulatedServer } from './simulated_server.ts';
import { type Visit, visitSite } from './visit_site.ts';

const executablePath = findChromium();
/** A folder for pictures of all pages, for whoever looks at them. */
const SHOTS = process.env.DASHBOARD_SHOTS;

/** What a host could be called, and what it could answer. */
const EVIL = '"><script>window.evil=1</script><img src=x onerror=window.evil=1>';
const escaped = EVIL.replaceAll('&', '&amp;')
  .replaceAll('<', '&lt;')
  .replaceAll('>', '&gt;')
  .replaceAll('"', '&quot;');
const EVIL_REPORT = `<?xml version="1.0"?><NessusClientData_v2><Policy><policyName>p</policyName></Policy><Report name="r"><ReportHost name="${escaped}"><HostProperties></HostProperties><ReportItem port="80" svc_name="www" protocol="tcp" severity="3" pluginID="1234" pluginName="${escaped}" pluginFamily="f"><description>${escaped}</description><plugin_output>${escaped}\u001b[31m</plugin_output><solution>s</solution></ReportItem></ReportHost></Report></NessusClientData_v2>`;

describe.skipIf(executablePath === undefined)('the dashboard', () => {
  let browser: Browser;
  let s: SimulatedServer;
  let [first, second, evil] = ['', '', ''];
  beforeAll(async () => {
    if (SHOTS) mkdirSync(SHOTS, { recursive: true });
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    s = await startSimulatedServer({ speed: 300 }, { IMPORT_DIR: '/tmp' });
    const scan = async (name: string): Promise<string> => {
      const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/27', name });
      await untilFinal(s.client, json.task_id);
      return String(json.task_id);
    };
    first = await scan('first');
    second = await scan('second');
    const file = `nmcp-evil-${process.pid}.nessus`;
    await writeFile(`/tmp/${file}`, EVIL_REPORT);
    evil = String((await s.client.call('import_scan', { file, name: EVIL })).json.task_id);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await s?.[Symbol.asyncDispose]();
  });

  const look = (options: BrowserContextOptions = {}): Promise<Visit> => visitSite(browser, s.url, options);

  const pages = (): string[] => [
    '/',
    '/scans',
    `/scans/${first}`,
    `/scans/${first}?severity=%3E%3D3`,
    `/scans/${first}?port=443&exploit=yes#findings`,
    `/scans/${second}/compare?with=${first}`,
    `/scans/${evil}`,
    `/scans/${evil}/hosts/${encodeURIComponent(EVIL)}/plugins/1234`,
    '/scans/new?targets=192.0.2.0%2F28&name=Office',
    '/network',
    '/network?network=192.0.2.0%2F30&tag=none',
    '/network/assets',
    ...['/network/assets?software=openssh&login=success', '/network/assets/nessus/192.0.2.1'],
    `/network/assets/nessus/${encodeURIComponent(EVIL.toLowerCase())}?state=all`,
    `/network/assets/nessus/${encodeURIComponent(EVIL.toLowerCase())}/findings/${encodeURIComponent('80/tcp/1234')}`,
    '/network/vulnerabilities',
    '/network/vulnerabilities?by=cve&kev=yes',
    '/network/vulnerabilities/1234',
    '/network/fixes',
    '/network/risks',
    '/scanners',
    '/dead-letters',
    '/login',
  ];

  const shoot = async (page: Page, name: string): Promise<void> => {
    if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
  };

  test('every page in light and dark, wide and narrow: no error, nothing from elsewhere, nothing that axe minds', async () => {
    await using looked = await look({ colorScheme: 'light' });
    const { page, wrong } = looked;
    for (const [i, path] of pages().entries()) {
      const answer = await page.goto(path);
      expect([path, answer?.status()]).toEqual([path, 200]);
      expect(await page.evaluate(() => 'evil' in globalThis)).toBe(false);
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 800 });
        expect([path, width, await wideElements(page)]).toEqual([path, width, []]);
        expect([path, width, await brokenCells(page)]).toEqual([path, width, []]);
        expect([path, width, await seriousFor(page)]).toEqual([path, width, []]);
        await shoot(page, `light-${width}-${i}`);
        // the same page in other colours: a stylesheet is all that tells them apart
        await page.emulateMedia({ colorScheme: 'dark' });
        expect([path, width, 'dark', await seriousFor(page, ['color-contrast'])]).toEqual([
          path,
          width,
          'dark',
          [],
        ]);
        await shoot(page, `dark-${width}-${i}`);
        await page.emulateMedia({ colorScheme: 'light' });
      }
    }
    expect(wrong).toEqual([]);
  }, 180_000);

  test('follows a scan live from its submission to its findings', async () => {
    await using looked = await look();
    const { page, wrong } = looked;
    await page.goto('/');
    const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/26', name: 'live' });
    await page.getByRole('link', { name: 'live' }).first().waitFor();
    await page.goto(`/scans/${String(json.task_id)}`);
    await page.getByRole('heading', { name: 'Findings' }).waitFor();
    await page.getByRole('img', { name: /Findings by severity: \d+ critical/ }).waitFor();
    expect(wrong).toEqual([]);
  }, 30_000);

  test('filters findings, with an address to share, and pages through them', async () => {
    await using looked = await look();
    const { page } = looked;
    await page.goto(`/scans/${first}`);
    const rows = page.locator('#findings tbody tr');
    const before = await page.locator('#findings caption').textContent();
    await page.locator('#findings select[name=severity]').selectOption('>=3');
    await page.locator('#findings button').click();
    await page.waitForURL(/severity=%3E%3D3/);
    const after = await page.locator('#findings caption').textContent();
    expect(Number.parseInt(after ?? '', 10)).toBeLessThan(Number.parseInt(before ?? '', 10));
    for (const chip of await rows.locator('.chip').allTextContents())
      expect(['Critical', 'High']).toContain(chip);
    await page.goto(page.url());
    expect(await page.locator('#findings caption').textContent()).toBe(after);
    await rows.first().getByRole('link').click();
    await page.waitForURL(/plugins\/\d+/);
    expect(await page.locator('article.finding').first().textContent()).toMatch(/What is wrong.*Solution/s);
    const exploitable = encodeURIComponent('{"any": [{"exploit_available": true}, {"severity": "=4"}]}');
    await page.goto(`/scans/${first}?filters=${exploitable}`);
    expect(
      Number.parseInt((await page.locator('#findings caption').textContent()) ?? '', 10),
    ).toBeGreaterThan(0);
    await page.goto(`/scans/${first}?filters=nonsense`);
    expect(await page.getByRole('alert').textContent()).toContain('not JSON');
    await page.goto(`/scans/${first}?severity=%3E%3Dx`);
    expect(await page.getByRole('alert').textContent()).toContain('severity');
    await page.goto(`/scans/${first}`);
    await page
      .getByRole('navigation', { name: 'Pages of findings' })
      .getByRole('link', { name: 'Next' })
      .click();
    await page.waitForURL(/page=2/);
  }, 30_000);

  test('compares and exports', async () => {
    await using looked = await look();
    const { page } = looked;
    await page.goto(`/scans/${second}`);
    await page.locator('select[name=with]').selectOption(first);
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.waitForURL(/compare/);
    expect(await page.locator('main').textContent()).toMatch(/Still there/);
    await page.goto('/scans');
    await page.getByRole('link', { name: 'with the one before of second' }).click();
    await page.waitForURL(new RegExp(`${second}/compare\\?with=${first}`));
    const answer = await page.request.get(`/scans/${second}/export/csv`);
    expect(answer.headers()['content-disposition']).toBe(`attachment; filename="${second}.csv"`);
    expect((await answer.text()).split('\n')[0]).toContain('Plugin ID');
    const native = await page.request.get(`/scans/${second}/export/nessus`);
    expect(await native.text()).toContain('<NessusClientData_v2>');
    expect((await page.request.get(`/scans/${second}/export/exe`)).status()).toBe(404);
  }, 30_000);

  test('shows by host whether the credentials worked', async () => {
    const { json } = await s.client.call('run_authenticated_scan', {
      targets: '192.0.2.0/28',
      name: 'logged in',
      scan_type: 'authenticated',
      ssh_username: 'root',
      ssh_password: 'wrong',
    });
    await untilFinal(s.client, json.task_id);
    await using looked = await look();
    await looked.page.goto(`/scans/${String(json.task_id)}`);
    const table = looked.page.getByRole('region', { name: 'Credentials by host' });
    expect(await table.locator('tbody tr').count()).toBeGreaterThan(0);
    expect(await table.textContent()).toMatch(/failed|partial/);
    expect(await looked.page.content()).not.toContain('wrong');
  }, 30_000);

  test('the overview says whether it is better or worse, and what to fix first', async () => {
    await using looked = await look();
    const { page } = looked;
    await page.goto('/');
    expect(await page.locator('.verdict').textContent()).toMatch(/^(Better|Worse|As before)/);
    expect(await page.locator('.tile').count()).toBe(4);
    const fixes = page.locator('.fixes li');
    expect(await fixes.count()).toBe(5);
    expect(await fixes.first().textContent()).toMatch(
      /Critical.*Exploited.*Removes \d+ findings? on \d+ hosts?/s,
    );
    expect(await page.locator('#needs-person').count()).toBe(1);
    await page.getByRole('link', { name: 'The whole plan' }).click();
    await page.waitForURL(/\/network\/fixes$/);
    expect(await fixes.count()).toBeGreaterThan(5);
    await page.goto(`/scans/${first}`);
    // what is informational is a number, until somebody asks for it
    expect(await page.locator('#findings tbody .chip.info').count()).toBe(0);
    await page.getByRole('link', { name: /Show the \d+ informational findings too/ }).click();
    await page.waitForURL(/severity=%3E%3D0/);
    await page.goto(`/scans/${first}?exploit=yes`);
    for (const said of await page.locator('#findings tbody td:last-child').allTextContents())
      expect(['known', 'Exploited']).toContain(said);
  }, 30_000);

  test('can be read without JavaScript, and by keyboard', async () => {
    await using plain = await look({ javaScriptEnabled: false });
    for (const path of pages()) {
      await plain.page.goto(path);
      expect((await plain.page.locator('main').textContent())?.length ?? 0).toBeGreaterThan(10);
    }
    await using looked = await look();
    const { page } = looked;
    await page.goto('/');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/scans$/);
  }, 30_000);

  test('shows what a host wrote as text', async () => {
    await using looked = await look();
    const { page } = looked;
    await page.goto(`/scans/${evil}/hosts/${encodeURIComponent(EVIL)}/plugins/1234`);
    expect(await page.locator('article.finding').textContent()).toContain(EVIL);
    expect(await page.locator('article.finding').textContent()).not.toContain('\u001b');
    expect(await page.locator('script[src]').count()).toBe(0);
  });

  test('a bookmark of a scan that is gone says so', async () => {
    await using looked = await look();
    for (const path of [
      '/scans/ne_scan_20251201_143022_a1b2c3d4',
      '/scans/..%2Fx',
      `/scans/${first}/hosts/x/plugins/1`,
    ]) {
      const answer = await looked.page.goto(path);
      expect([path, answer?.status()]).toEqual([path, path.includes('..') ? 400 : 404]);
      expect(await looked.page.getByRole('alert').textContent()).toMatch(
        /not found|not a task id|no such finding/,
      );
    }
  });
});
