import { type AppProcess, startApp } from '@nmcp/test-support';

export { type App, type AppProcess, appPath, type CommandResult, runApp, startApp } from '@nmcp/test-support';

/** Starts `nmcp serve` with a simulated scanner. */
export async function serveSimulated(
  args: readonly string[] = [],
  environment: Record<string, string> = {},
): Promise<AppProcess & { url: string }> {
  const app = startApp('standalone', ['serve', '--simulate', '--port', '0', ...args], environment);
  const [, url = ''] = await app.says(/listens at (http:\S+)\/mcp/);
  return { ...app, url };
}
