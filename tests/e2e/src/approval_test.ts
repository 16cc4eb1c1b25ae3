import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { describe, expect, test } from 'vitest';
import { runApp } from './app_process.ts';
import { untilFinal } from './mcp_client.ts';
import { type SimulatedServer, startSimulatedServer } from './simulated_server.ts';

interface Stage extends SimulatedServer {
  dataDir: string;
  admin(...args: string[]): ReturnType<typeof runApp>;
  submit(more?: object): Promise<Record<string, unknown>>;
  status(id: unknown): Promise<Record<string, unknown>>;
}

/** `nmcp serve` with a policy that asks for a yes for scans with credentials. */
async function stage(environment: Record<string, string> = {}): Promise<Stage> {
  const folder = await tempFolder();
  const dataDir = join(folder.path, 'data');
  const policy = join(folder.path, 'policy.yaml');
  await writeFile(policy, 'default:\n  approval: {credentialed: true}\n');
  const started = await startSimulatedServer(
    { tls: false },
    { DATA_DIR: dataDir, POLICY_FILE: policy, ...environment },
  );
  const { client } = started;
  return {
    ...started,
    dataDir,
    admin: (...args) => runApp('admin-cli', [...args, '--data-dir', dataDir]),
    submit: async (more = {}) =>
      (
        await client.call('run_authenticated_scan', {
          targets: '192.0.2.0/28',
          name: 'n',
          scan_type: 'authenticated',
          ssh_username: 'root',
          ssh_password: 'planted',
          ...more,
        })
      ).json,
    status: async (id) => (await client.call('get_scan_status', { task_id: id })).json,
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('a scan that needs a yes', () => {
  test('waits for it, and runs when it has it', async () => {
    await using s = await stage();
    const submitted = await s.submit({ idempotency_key: 'k' });
    const id = String(submitted.task_id);
    expect(submitted).toMatchObject({
      status: 'queued',
      approval: 'pending',
      queue_position: null,
      message: expect.stringMatching(
        /waits for a person's yes, since it logs in to hosts.*nmcp-admin approve ne_scan_/,
      ),
    });
    expect(await s.submit({ idempotency_key: 'k' })).toMatchObject({ task_id: id, idempotent: true });
    expect((await s.admin('approvals')).stdout).toMatch(
      new RegExp(`${id} .*192\\.0\\.2\\.0/28 .*logs in to hosts`),
    );
    expect(await s.status(id)).toMatchObject({ status: 'queued', approval: { state: 'pending' } });
    expect(s.simulator.counts().created).toBe(0);
    expect((await s.admin('approve', id, '--yes')).stdout).toMatch(/is approved/);
    expect(await untilFinal(s.client, id)).toMatchObject({
      status: 'completed',
      approval: { state: 'approved', by: expect.any(String) },
    });
    expect((await s.admin('approvals')).stdout).toBe('Nothing waits for approval.\n');
    expect(await s.admin('approve', id, '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is approved, and its status is completed/),
    });
    const audit = await readFile(join(s.dataDir, '.audit.jsonl'), 'utf8');
    expect(audit).toMatch(/"action":"scan.approve"|"scan.approve"/);
  });

  test.each<[string, (s: Stage, id: string) => Promise<unknown>, object]>([
    [
      'is refused',
      (s, id) => s.admin('refuse', id),
      { failure_reason: 'refused', error_message: expect.stringMatching(/^Refused by /) },
    ],
    [
      'is canceled by its caller',
      (s, id) => s.client.call('cancel_scan', { task_id: id }),
      { failure_reason: 'canceled' },
    ],
  ])('and %s never runs, and keeps no credentials', async (_name, end, expected) => {
    await using s = await stage();
    const id = String((await s.submit()).task_id);
    await end(s, id);
    expect(await s.status(id)).toMatchObject({ status: 'failed', ...expected });
    const task = JSON.parse(await readFile(join(s.dataDir, id, 'task.json'), 'utf8'));
    expect(task.payload).not.toHaveProperty('credentials');
    expect(await s.admin('approve', id, '--yes')).toMatchObject({ code: 1 });
    expect(s.simulator.counts().created).toBe(0);
  });

  test('and gets none in time ends cleanly', async () => {
    await using s = await stage({ APPROVAL_HOURS: '0.0002' });
    const id = String((await s.submit()).task_id);
    await new Promise((resolve) => setTimeout(resolve, 900));
    expect(await s.admin('approve', id, '--yes')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/is pending, and its status is queued|is expired/),
    });
    expect(s.simulator.counts().created).toBe(0);
  });

  test('does not hold up the others', async () => {
    await using s = await stage();
    await s.submit();
    const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'plain' });
    expect(await untilFinal(s.client, json.task_id)).toMatchObject({ status: 'completed' });
    expect(s.simulator.counts().created).toBe(1);
  });
});
