import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

/** A visit to a site with a browser that knows nothing of it. */
export interface Visit extends AsyncDisposable {
  context: BrowserContext;
  page: Page;
  /** What went wrong: errors on the console, requests elsewhere. */
  wrong: string[];
}

/** Begins a visit. */
export async function visitSite(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext({ baseURL: origin, ...options });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) wrong.push(request.url());
  });
  return { context, page, wrong, [Symbol.asyncDispose]: () => context.close() };
}
