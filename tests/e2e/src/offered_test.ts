import { describe, expect, test } from 'vitest';
import { serveSimulated, startApp } from './app_process.ts';
import { connect } from './mcp_client.ts';
import { rawClient } from './raw_client.ts';

describe('what is offered', () => {
  const tools = async (...args: string[]): Promise<string[]> => {
    await using app = await serveSimulated(args);
    await using client = await connect(app.url);
    return await client.tools();
  };

  test('can be chosen by toolset, and reading alone', async () => {
    expect(await tools('--toolsets', 'infrastructure')).toEqual([
      'list_scanners',
      'list_scanner_scans',
      'list_pools',
      'get_pool_status',
      'get_queue_status',
    ]);
    const reading = await tools('--read-only');
    expect(reading).toContain('get_scan_results');
    for (const name of ['run_untrusted_scan', 'run_authenticated_scan', 'cancel_scan', 'import_scan'])
      expect(reading).not.toContain(name);
  });

  test('findings that no tool may show are in no resource either', async () => {
    await using app = await serveSimulated(['--toolsets', 'infrastructure']);
    const client = await rawClient(app.url);
    expect((await client.listResources()).resources.map(({ uri }) => uri)).toEqual(['nessus://pools']);
    expect((await client.listResourceTemplates()).resourceTemplates).toEqual([]);
    await client.close();
  });

  test('a toolset that there is not is refused at the start', async () => {
    const app = startApp('standalone', ['serve', '--simulate', '--toolsets', 'everything']);
    await expect(app.says(/listens/)).rejects.toThrow(
      /TOOLSETS.*expected one or more of scan, results, inventory, infrastructure/s,
    );
  });
});
