import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, startApiAndWorker } from './api_and_worker.ts';
import { connect } from './mcp_client.ts';
import { rawClient } from './raw_client.ts';
import { openStage, type Stage } from './stage.ts';

describe('wait_for_scan', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage('embedded', { speed: 60 });
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test('answers at a change, with progress on the way; the worker is another process', async () => {
    await using started = await startApiAndWorker(stage.environment);
    const client = await rawClient(started.api.url);
    const call = async (
      name: string,
      args: Record<string, unknown>,
      onprogress?: (p: { progress: number }) => void,
    ) =>
      (await client.callTool({ name, arguments: args }, onprogress ? { onprogress } : {}))
        .structuredContent as Record<string, unknown>;
    const { task_id } = await call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'waited for' });
    const first = await call('wait_for_scan', { task_id });
    expect(first).toMatchObject({ changed: true, next: expect.any(String) });
    const seen: number[] = [];
    const last = await call('wait_for_scan', { task_id, until: 'end' }, ({ progress }) =>
      seen.push(progress),
    );
    expect(last).toMatchObject({ status: 'completed', progress: 100 });
    expect(seen.length).toBeGreaterThan(1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(await call('wait_for_scan', { task_id })).toMatchObject({ changed: false, status: 'completed' });
    await client.close();
  });

  test('gives up after its time, and at once when the client does', async () => {
    await using api = await startApi({ ...stage.environment, DATA_DIR: `${stage.dataDir}-wait` });
    const { url } = api;
    await using client = await connect(url);
    const { json } = await client.call('run_untrusted_scan', { targets: '192.0.2.1', name: 'nobody works' });
    const { task_id } = json;
    expect((await client.call('wait_for_scan', { task_id, timeout_seconds: 1 })).json).toMatchObject({
      changed: false,
      status: 'queued',
    });
    const raw = await rawClient(url);
    const stop = new AbortController();
    const waiting = raw.callTool({ name: 'wait_for_scan', arguments: { task_id } }, { signal: stop.signal });
    setTimeout(() => stop.abort(), 100);
    await expect(waiting).rejects.toThrow();
    await raw.close();
    expect((await client.call('wait_for_scan', { task_id, timeout_seconds: 'soon' })).json).toMatchObject({
      message: expect.stringContaining('timeout_seconds'),
    });
  });
});
