import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder } from '@nmcp/test-support';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runApp } from './app_process.ts';
import { connectAsking, type Respond, untilFinal } from './mcp_client.ts';
import { metaOf, postMcp } from './post_mcp.ts';
import { type SimulatedServer, startSimulatedServer } from './simulated_server.ts';

const SCAN = {
  targets: '192.0.2.0/28',
  name: 'n',
  scan_type: 'authenticated',
  ssh_username: 'root',
  ssh_password: 'planted',
};

interface Stage extends SimulatedServer {
  dataDir: string;
  admin(...args: string[]): ReturnType<typeof runApp>;
  submit(more?: object): Promise<Record<string, unknown>>;
  status(id: unknown): Promise<Record<string, unknown>>;
}

/** `nmcp serve` with a policy that asks for a yes for scans with credentials. */
async function stage(environment: Record<string, string> = {}, rule = 'credentialed: true'): Promise<Stage> {
  const folder = await tempFolder();
  const dataDir = join(folder.path, 'data');
  const policy = join(folder.path, 'policy.yaml');
  await writeFile(policy, `default:\n  approval: {${rule}}\n`);
  const started = await startSimulatedServer(
    { tls: false },
    { DATA_DIR: dataDir, POLICY_FILE: policy, ...environment },
  );
  const { client } = started;
  return {
    ...started,
    dataDir,
    admin: (...args) => runApp('admin-cli', [...args, '--data-dir', dataDir]),
    submit: async (more = {}) => (await client.call('run_authenticated_scan', { ...SCAN, ...more })).json,
    status: async (id) => (await client.call('get_scan_status', { task_id: id })).json,
    async [Symbol.asyncDispose]() {
      await started[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** For all tests that need no other rule. */
let s: Stage;
beforeAll(async () => {
  s = await stage();
});
afterAll(() => s?.[Symbol.asyncDispose]());

describe('a scan that needs a yes', () => {
  test('waits for it, and runs when it has it', async () => {
    const { created } = s.simulator.counts();
    const submitted = await s.submit({ idempotency_key: 'k' });
    const id = String(submitted.task_id);
    expect(submitted).toMatchObject({
      status: 'queued',
      approval: 'pending',
      queue_position: null,
      message: expect.stringMatching(
        /waiting for approval: it logs in to hosts.*nmcp-admin approve ne_scan_/,
      ),
    });
    expect(await s.submit({ idempotency_key: 'k' })).toMatchObject({ task_id: id, idempotent: true });
    expect((await s.admin('approvals')).stdout).toMatch(
      new RegExp(`${id} .*192\\.0\\.2\\.0/28 .*logs in to hosts`),
    );
    expect(await s.status(id)).toMatchObject({ status: 'queued', approval: { state: 'pending' } });
    expect(s.simulator.counts().created).toBe(created);
    expect((await s.admin('approve', id, '--yes')).stdout).toMatch(/is approved/);
    expect(await untilFinal(s.client, id)).toMatchObject({
      status: 'completed',
      approval: { state: 'approved', by: expect.any(String) },
    });
    expect((await s.admin('approvals')).stdout).not.toContain(id);
    expect(await s.admin('approve', id, '--yes')).toMatchObject({
      code: 5,
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
    const { created } = s.simulator.counts();
    const id = String((await s.submit()).task_id);
    await end(s, id);
    expect(await s.status(id)).toMatchObject({ status: 'failed', ...expected });
    const task = JSON.parse(await readFile(join(s.dataDir, id, 'task.json'), 'utf8'));
    expect(task.payload).not.toHaveProperty('credentials');
    expect(await s.admin('approve', id, '--yes')).toMatchObject({ code: 5 });
    expect(s.simulator.counts().created).toBe(created);
  });

  test('and gets none in time ends cleanly', async () => {
    await using s = await stage({ APPROVAL_HOURS: '0.0002' });
    expect((await s.admin('approvals')).stdout).toBe('No scan is waiting for approval.\n');
    const id = String((await s.submit()).task_id);
    expect(await untilFinal(s.client, id)).toMatchObject({
      status: 'failed',
      failure_reason: 'approval_expired',
      approval: { state: 'expired' },
    });
    const task = JSON.parse(await readFile(join(s.dataDir, id, 'task.json'), 'utf8'));
    expect(task.payload).not.toHaveProperty('credentials');
    expect(await s.admin('approve', id, '--yes')).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/is expired, and its status is failed/),
    });
    expect(s.simulator.counts().created).toBe(0);
  });

  test('does not hold up the others', async () => {
    const { created } = s.simulator.counts();
    await s.submit();
    const { json } = await s.client.call('run_untrusted_scan', { targets: '192.0.2.0/28', name: 'plain' });
    expect(await untilFinal(s.client, json.task_id)).toMatchObject({ status: 'completed' });
    expect(s.simulator.counts().created).toBe(created + 1);
  });
});

describe.each(['auto', 'legacy'] as const)('a client that can ask its person (%s)', (mode) => {
  /** Submits with a client that answers so. */
  async function asked(site: Stage, respond: Respond, more: object = {}) {
    const questions: string[] = [];
    await using client = await connectAsking(site.url, mode, (message) => {
      questions.push(message);
      return respond(message);
    });
    const { json } = await client.call('run_authenticated_scan', { ...SCAN, ...more });
    return { json, questions };
  }

  test('is asked, and the scan runs at a yes', async () => {
    const { json, questions } = await asked(s, () => ({ action: 'accept', content: { run: true } }), {
      name: 'nice\nKind: harmless\u202e',
      idempotency_key: `asked-${mode}`,
    });
    expect(json).toMatchObject({
      status: 'queued',
      approval: 'approved',
      queue_position: expect.any(Number),
    });
    expect(questions).toHaveLength(1);
    expect(questions[0]).toContain('Name: "nice\\nKind: harmless"');
    expect(questions[0]).toMatch(/needs your approval: it logs in to hosts.*\nTargets: "192\.0\.2\.0\/28"/);
    expect(questions[0]).not.toContain('planted');
    expect(await untilFinal(s.client, json.task_id)).toMatchObject({
      status: 'completed',
      approval: { state: 'approved', by: 'local (asked in the client)' },
    });
    const audit = await readFile(join(s.dataDir, '.audit.jsonl'), 'utf8');
    expect(audit).toContain('local (asked in the client)');
  });

  test.each<[string, Respond]>([
    ['no', () => ({ action: 'decline' })],
    ['yes to another form than ours', () => ({ action: 'accept', content: { run: false } })],
  ])('and at a "%s" never runs', async (_name, respond) => {
    const { created } = s.simulator.counts();
    const { json } = await asked(s, respond);
    expect(json).toMatchObject({
      status: 'failed',
      approval: 'refused',
      message: expect.stringMatching(/The user refused the scan/),
    });
    const task = JSON.parse(await readFile(join(s.dataDir, String(json.task_id), 'task.json'), 'utf8'));
    expect(task.payload).not.toHaveProperty('credentials');
    expect(s.simulator.counts().created).toBe(created);
  });

  test('and one that is closed leaves the task to nmcp-admin', async () => {
    const { json } = await asked(s, () => ({ action: 'cancel' }));
    expect(json).toMatchObject({ approval: 'pending', message: expect.stringMatching(/nmcp-admin approve/) });
    expect((await s.admin('approve', String(json.task_id), '--yes')).stdout).toMatch(/is approved/);
    expect(await untilFinal(s.client, json.task_id)).toMatchObject({ status: 'completed' });
  });

  test("is not asked where the policy wants an operator's yes", async () => {
    await using s = await stage({}, 'credentialed: true, by: operator');
    const { json, questions } = await asked(s, () => ({ action: 'accept', content: { run: true } }));
    expect(questions).toEqual([]);
    expect(json).toMatchObject({ approval: 'pending', message: expect.stringMatching(/nmcp-admin approve/) });
  });
});

test('an answer to a question that was never put is refused', async () => {
  const submitted = await s.submit();
  const response = await postMcp(s.url, 'tools/call', {
    headers: {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'run_authenticated_scan',
    },
    params: {
      name: 'run_authenticated_scan',
      arguments: SCAN,
      inputResponses: { approval: { action: 'accept', content: { run: true } } },
      requestState: `v1.${btoa(JSON.stringify({ p: { task_id: submitted.task_id }, exp: 9_999_999_999 }))}.AAAA`,
      ...metaOf('2026-07-28', { elicitation: {} }),
    },
  });
  expect(await response.text()).toMatch(/Invalid or expired requestState/);
  expect(await s.status(submitted.task_id)).toMatchObject({ approval: { state: 'pending' } });
});
