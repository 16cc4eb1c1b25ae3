import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scope } from '@nmcp/access';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AppProcess, startApp } from './app_process.ts';
import { findChromium } from './find_chromium.ts';
import { makeToken } from './make_token.ts';
import { openStage, type Stage } from './stage.ts';

const executablePath = findChromium();

const POLICY = `default:
  deny: [192.0.2.200]
  allow: [192.0.2.0/24]
  approval: {hosts_above: 20}
`;
const CREDENTIALS = 'linux-prod:\n  ssh: {username: audit, password: planted-secret}\n';

/** mcp-api and a worker behind tokens, with a policy and named credentials. */
interface Site extends AsyncDisposable {
  stage: Stage;
  url: string;
  /** A token for a scope. */
  token(name: string, scope: Scope, pools?: readonly string[]): Promise<string>;
  audit(): Promise<string>;
}

async function openSite(environment: Record<string, string> = {}): Promise<Site> {
  const stage = await openStage('embedded', { speed: 300 });
  const { dataDir } = stage;
  const policy = join(dataDir, '..', 'policy.yaml');
  const credentials = join(dataDir, '..', 'credentials.yaml');
  await writeFile(policy, POLICY);
  await writeFile(credentials, CREDENTIALS, { mode: 0o600 });
  const all = {
    ...stage.environment,
    POLICY_FILE: policy,
    CREDENTIALS_FILE: credentials,
    ...environment,
  };
  const token = (name: string, scope: Scope, pools?: readonly string[]): Promise<string> =>
    makeToken(dataDir, name, [scope], pools);
  await token('first', 'admin'); // with one there, the server asks for them
  const api: AppProcess = startApp('mcp-api', [], all);
  const worker = startApp('worker', [], all);
  const [, url = ''] = await api.says(/"url":"(http[^"]+)"/);
  return {
    stage,
    url,
    token,
    audit: () => readFile(`${dataDir}/.audit.jsonl`, 'utf8'),
    async [Symbol.asyncDispose]() {
      await api.stop();
      await worker.stop();
      await stage[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(executablePath === undefined)('scans from the dashboard', () => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    site = await openSite();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
  });

  interface Visit extends AsyncDisposable {
    page: Page;
    context: BrowserContext;
    alert(): Promise<string>;
  }
  /** A browser without JavaScript that somebody has logged in with. */
  async function visit(token: string, { url } = site): Promise<Visit> {
    const context = await browser.newContext({ baseURL: url, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto('/login?to=/scans');
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
    return {
      page,
      context,
      alert: async () => (await page.getByRole('alert').textContent()) ?? '',
      [Symbol.asyncDispose]: () => context.close(),
    };
  }

  async function fill(page: Page, targets: string, name: string): Promise<void> {
    await page.goto('/scans');
    await page.getByRole('link', { name: 'New scan' }).click();
    await page.getByLabel('Targets').fill(targets);
    await page.getByLabel('Name').fill(name);
    await page.getByRole('button', { name: 'Check against the policy' }).click();
  }

  test('one is started without JavaScript: the policy first, then the button, then its findings', async () => {
    await using v = await visit(await site.token('alice', 'scan'));
    const { page } = v;
    await fill(page, '192.0.2.1\n192.0.2.8/29', 'Office');
    expect(await page.getByRole('status').textContent()).toMatch(
      /The policy allows this scan: 9 addresses, without credentials\.\s+The scanner will be given 192\.0\.2\.1, 192\.0\.2\.8\/29/,
    );
    expect(await page.getByLabel('Targets').inputValue()).toMatch(/^192\.0\.2\.1\s+192\.0\.2\.8\/29$/);
    expect(await page.getByLabel('Credentials').count()).toBe(0); // its token may not use any
    const sent = await page
      .locator('form.confirm input')
      .evaluateAll((inputs) =>
        inputs.map((input) => [input.getAttribute('name'), input.getAttribute('value')]),
      );
    await page.getByRole('button', { name: 'Start the scan' }).click();
    await page.waitForURL(/\/scans\/ne_scan_/);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Office');
    // pressed twice, it is the same scan
    const again = await page.request.post('/scans', { form: Object.fromEntries(sent), maxRedirects: 0 });
    expect([again.status(), page.url()]).toEqual([303, `${site.url}${again.headers().location}`]);
    await expect
      .poll(
        async () => {
          await page.reload();
          return await page.locator('.state').first().textContent();
        },
        { timeout: 30_000, interval: 300 },
      )
      .toBe('completed');
    expect(await page.getByRole('heading', { name: 'Findings' }).count()).toBe(1);
    expect(await site.audit()).toMatch(/"action":"scan\.submit".*"caller":"alice"/);
  }, 60_000);

  test('one with named credentials never shows what is behind the name', async () => {
    await using v = await visit(await site.token('carla', 'scan:credentials'));
    const { page } = v;
    await page.goto('/scans/new?targets=192.0.2.4&name=login');
    await page.getByLabel('Credentials').selectOption('linux-prod');
    await page.getByRole('button', { name: 'Check against the policy' }).click();
    expect(await page.getByRole('status').textContent()).toMatch(/1 address, with credentials/);
    await page.getByRole('button', { name: 'Start the scan' }).click();
    await page.waitForURL(/\/scans\/ne_scan_/);
    expect(await page.content()).not.toContain('planted-secret');
    const task = await readFile(`${site.stage.dataDir}/${page.url().split('/').at(-1)}/task.json`, 'utf8');
    expect(JSON.parse(task)).toMatchObject({
      scan_type: 'authenticated',
      payload: { nmcp: { owner: 'carla' } },
    });
    expect(task).not.toContain('planted-secret');
  }, 30_000);

  test('one that the policy asks about is approved or refused by its owner on its page', async () => {
    await using v = await visit(await site.token('dora', 'scan'));
    const { page } = v;
    for (const [button, state] of [
      ['Approve scan', /queued|running|completed/],
      ['Refuse scan', /failed/],
    ] as const) {
      await fill(page, '192.0.2.0/27', 'large');
      expect(await page.locator('.confirm').textContent()).toMatch(
        /It needs approval by you before it runs: it has 32 addresses/,
      );
      await page.getByRole('button', { name: 'Start the scan' }).click();
      await page.waitForURL(/\/scans\/ne_scan_/);
      expect(await page.locator('#live').textContent()).toMatch(/Waiting for approvalit has 32 addresses/);
      // somebody else sees nothing of it
      await using other = await visit(await site.token('eve', 'scan'));
      expect((await other.page.goto(page.url()))?.status()).toBe(404);
      await page.getByRole('button', { name: button }).click();
      expect(await page.locator('.state').first().textContent()).toMatch(state);
      expect(await page.getByRole('button', { name: button }).count()).toBe(0);
    }
    expect(await site.audit()).toContain('dora (asked in the dashboard)');
  }, 30_000);

  test('one is canceled', async () => {
    await using v = await visit(await site.token('fred', 'scan'));
    const { page } = v;
    await fill(page, '192.0.2.0/28', 'to cancel');
    await page.getByRole('button', { name: 'Start the scan' }).click();
    await page.waitForURL(/\/scans\/ne_scan_/);
    const address = page.url();
    await page.getByText('Cancel the scan').click();
    await page.getByRole('button', { name: 'Cancel permanently' }).click();
    await page.waitForURL(/outcome=(canceled|requested|ended)/);
    expect(await page.getByRole('status').textContent()).toMatch(/canceled|being stopped|had already ended/);
    await expect
      .poll(
        async () => {
          await page.goto(address);
          return await page.locator('.state').first().textContent();
        },
        { timeout: 20_000, interval: 300 },
      )
      .toMatch(/failed|completed/);
    expect(await page.getByText('Cancel the scan').count()).toBe(0);
  }, 30_000);

  test('targets that the policy refuses: the form says which and why, and keeps what was typed', async () => {
    await using v = await visit(await site.token('gina', 'scan'));
    const { page } = v;
    await fill(page, '192.0.2.9, 192.0.2.200', 'kept');
    expect(await v.alert()).toMatch(/does not allow scanning "192\.0\.2\.200": default\.deny/);
    expect(await page.getByLabel('Targets').inputValue()).toBe('192.0.2.9, 192.0.2.200');
    expect(await page.getByLabel('Name').inputValue()).toBe('kept');
    expect(await page.getByRole('button', { name: 'Start the scan' }).count()).toBe(0);
    await page.getByLabel('Targets').fill('192.0.2.9/64');
    await page.getByRole('button', { name: 'Check against the policy' }).click();
    expect(await v.alert()).toMatch(/192\.0\.2\.9\/64/);
    await page.getByLabel('Targets').fill('192.0.2.9');
    await page.getByLabel('Name').fill('');
    await page.getByRole('button', { name: 'Check against the policy' }).click();
    expect(await v.alert()).toBe('New scan: name: name is empty');
    // what is refused when it is checked is refused when it is sent, too
    const token = await page.locator('input[name=form]').first().inputValue();
    const sent = await page.request.post('/scans', {
      form: { form: token, targets: '192.0.2.200', name: 'n', pool: 'nessus', credential: '' },
    });
    expect([sent.status(), await sent.text()]).toEqual([403, expect.stringContaining('default.deny')]);
    expect(await site.audit()).toMatch(
      /"caller":"gina".*"decision":"denied"|"decision":"denied".*"caller":"gina"/,
    );
  }, 30_000);

  test('a form without its token, from another origin, or by a caller without the scope does nothing', async () => {
    await using v = await visit(await site.token('hans', 'scan'));
    await using reader = await visit(await site.token('rita', 'read'));
    const fields = { targets: '192.0.2.1', name: 'forged', pool: 'nessus', credential: '' };
    await v.page.goto('/scans/new');
    const form = await v.page.locator('input[name=form]').first().inputValue();
    const post = async (
      { page }: Visit,
      path: string,
      data: Record<string, string>,
      headers: Record<string, string> = {},
    ): Promise<[number, string]> => {
      const answer = await page.request.post(path, { form: data, headers, maxRedirects: 0 });
      return [answer.status(), await answer.text()];
    };
    for (const path of ['/scans', '/scans/new', '/scans/x/cancel', '/scans/x/approval']) {
      expect(await post(v, path, fields)).toEqual([403, expect.stringContaining('not sent from this page')]);
      expect(await post(v, path, { ...fields, form: 'x' })).toEqual([403, expect.anything()]);
      const elsewhere = { origin: 'https://evil.example' };
      expect(await post(v, path, { ...fields, form }, elsewhere)).toEqual([403, expect.anything()]);
      // a token of another caller's form is none
      expect((await post(reader, path, { ...fields, form }))[0]).toBe(403);
    }
    // a reader's own forms have a token, and no scope
    expect(await reader.page.getByRole('link', { name: 'New scan' }).count()).toBe(0);
    await reader.page.goto('/scans/new');
    expect(await reader.alert()).toContain('may not start scans');
    expect((await post(v, '/scans', { ...fields, form, pool: 'nessus_dmz' }))[0]).toBe(404);
    await v.page.goto('/scans');
    expect(await v.page.getByText('forged').count()).toBe(0);
    const [cookie] = await v.context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  }, 30_000);

  test('a pool that the caller may not use is not found', async () => {
    const scoped = await site.token('pia', 'scan', ['nessus_dmz']);
    await using v = await visit(scoped);
    await v.page.goto('/scans/new');
    const form = await v.page.locator('input[name=form]').first().inputValue();
    const answer = await v.page.request.post('/scans', {
      form: { form, targets: '192.0.2.1', name: 'n', pool: 'nessus', credential: '' },
    });
    expect([answer.status(), await answer.text()]).toEqual([
      404,
      expect.stringMatching(/The scanner pool &quot;nessus&quot; was not found; the pools are none/),
    ]);
  }, 30_000);

  test('a read-only server offers none of it', async () => {
    await using other = await openSite({ READ_ONLY: 'true' });
    await using v = await visit(await other.token('root', 'admin'), other);
    expect(await v.page.getByRole('link', { name: 'New scan' }).count()).toBe(0);
    await v.page.goto('/scans/new');
    expect(await v.alert()).toContain('may not start scans');
  }, 60_000);
});
