import { createEmbeddedQueue } from '@nmcp/queue';
import { createTaskStore, entryOf, queuedTask } from '@nmcp/tasks';
import { DEFAULT_POOL, newTaskId } from '@nmcp/types';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApp } from './app_process.ts';
import { findChromium } from './find_chromium.ts';
import { makeToken } from './make_token.ts';
import { openStage } from './stage.ts';
import { visitSite } from './visit_site.ts';

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)('the dashboard', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser?.close());

  test('with tokens: asks for one, shows what its holder may see, retries a dead letter for admins only', async () => {
    await using stage = await openStage('embedded', { speed: 300 });
    const reader = await makeToken(stage.dataDir, 'reader', ['read']);
    const admin = await makeToken(stage.dataDir, 'root', ['admin']);
    await using api = startApp('mcp-api', [], stage.environment);
    const [, url = ''] = await api.says(/"url":"(http[^"]+)"/);
    const queue = await createEmbeddedQueue({ path: `${stage.dataDir}/.queue.db` });
    const { retryable } = await deadTask(stage.dataDir, queue);
    await queue.close();

    await using looked = await visitSite(browser, url);
    const { page, context } = looked;
    await page.goto(`/scans/${retryable}`);
    await page.waitForURL(/\/login\?to=/);
    await page.getByLabel('Token').fill('nmcp_wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    expect(await page.getByRole('alert').textContent()).toMatch(/token is/i);
    await page.getByLabel('Token').fill(reader);
    await page.getByRole('button', { name: 'Log in' }).click();
    expect(await page.getByRole('alert').textContent()).toContain('not found'); // it is somebody else's
    expect(await page.getByRole('link', { name: 'Not run' }).count()).toBe(0);
    expect((await page.goto('/dead-letters'))?.status()).toBe(403);
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
    // the API takes no cookie
    expect((await page.request.post('/mcp', { data: {} })).status()).toBe(401);

    await page.getByRole('button', { name: 'Log out' }).click();
    await page.waitForURL(/\/login/);
    await page.getByLabel('Token').fill(admin);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.goto('/dead-letters');
    // a form that is not from here does nothing
    const forged = await page.request.post('/dead-letters/retry', {
      form: { pool: 'nessus', id: retryable, form: 'x' },
    });
    expect(forged.status()).toBe(403);
    const elsewhere = await page.request.post('/dead-letters/retry', {
      form: { pool: 'nessus', id: retryable },
      headers: { origin: 'https://evil.example' },
    });
    expect(elsewhere.status()).toBe(403);
    await page.getByRole('button', { name: 'Retry' }).click();
    expect(await page.getByRole('status').textContent()).toContain(`retries ${retryable}`);
    await page.getByText('Every scan could be run.').waitFor();
    for (const path of ['//evil.example', 'https://evil.example', '/\\evil.example'])
      expect(
        (await page.request.post('/login', { form: { token: admin, to: path }, maxRedirects: 0 })).headers()
          .location,
      ).toBe('/');
  }, 60_000);
});

async function deadTask(
  dataDir: string,
  queue: Awaited<ReturnType<typeof createEmbeddedQueue>>,
): Promise<{ retryable: string }> {
  const tasks = createTaskStore({ dataDir });
  const task = queuedTask({
    task_id: newTaskId('nessus'),
    trace_id: 't',
    scan_type: 'untrusted',
    scanner_type: 'nessus',
    scanner_pool: DEFAULT_POOL,
    scanner_instance_id: null,
    payload: { targets: '192.0.2.1', name: 'dead', description: '', schema_profile: 'brief' },
    created_at: new Date().toISOString(),
  });
  await tasks.create(task);
  await queue.enqueue(entryOf(task));
  const claim = await queue.claim([DEFAULT_POOL], { consumer: 'w', leaseMs: 60_000 });
  if (claim) await queue.fail(claim, 'scanner is gone');
  await tasks.change(task.task_id, claim?.fence ?? 1, (before) => ({
    ...before,
    status: 'failed',
    completed_at: new Date().toISOString(),
    error_message: 'scanner is gone',
  }));
  return { retryable: task.task_id };
}
