import { expect, test } from 'vitest';
import { postMcp } from './post_mcp.ts';
import { describeEveryClient, sharedServer } from './shared_server.ts';

const server = sharedServer();

describeEveryClient(server, (client) => {
  test.each<[string, string, Record<string, unknown>, number, RegExp]>([
    [
      'an unknown task',
      'get_scan_status',
      { task_id: 'ne_scan_20250101_000000_aaaaaaaa' },
      404,
      /was not found/,
    ],
    ['an id that climbs', 'get_scan_status', { task_id: '../../etc/passwd' }, 400, /is not a task id/],
    [
      'an id that climbs in results',
      'get_scan_results',
      { task_id: 'ne_scan/../../x_1' },
      400,
      /is not a task id/,
    ],
    ['no id', 'get_scan_status', {}, 400, /task_id/],
    ['no targets', 'run_untrusted_scan', { targets: '', name: 'n' }, 400, /targets is empty/],
    [
      'a network that is none',
      'run_untrusted_scan',
      { targets: '10.0.0.0/33', name: 'n' },
      400,
      /entry 1, "10.0.0.0\/33".*0 to 32/,
    ],
    [
      'an address that is none',
      'run_untrusted_scan',
      { targets: '10.0.0.1, 10.0.0.300', name: 'n' },
      400,
      /entry 2, "10.0.0.300".*IPv4/,
    ],
    [
      'an unknown pool',
      'run_untrusted_scan',
      { targets: '10.0.0.1', name: 'n', scanner_pool: 'nope' },
      404,
      /the pools are nessus/,
    ],
    [
      'an unknown scanner',
      'run_untrusted_scan',
      { targets: '10.0.0.1', name: 'n', scanner_instance: 'nope' },
      404,
      /the pool has simulated/,
    ],
    [
      'an unknown profile',
      'run_untrusted_scan',
      { targets: '10.0.0.1', name: 'n', schema_profile: 'huge' },
      400,
      /schema_profile/,
    ],
    ['an argument that does not exist', 'list_tasks', { limitt: 3 }, 400, /limitt/],
    [
      'escalation that is missing',
      'run_authenticated_scan',
      {
        targets: '10.0.0.1',
        name: 'n',
        scan_type: 'authenticated_privileged',
        ssh_username: 'u',
        ssh_password: 'p',
      },
      400,
      /elevate_privileges_with/,
    ],
  ])('is told what is wrong with %s', async (_what, tool, args, status, why) => {
    const answer = await client.call(tool, args);
    expect(answer).toMatchObject({
      isError: true,
      json: { error: expect.any(String), status_code: status, message: expect.stringMatching(why) },
    });
  });
});

test('a target list of 10 MB is refused, and the server lives on', async () => {
  const response = await postMcp(server.url, 'tools/call', {
    params: { name: 'run_untrusted_scan', arguments: { targets: '10.0.0.1,'.repeat(1_200_000), name: 'n' } },
  });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ error: 'Request too large' });
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

test('another host name or origin is refused', async () => {
  const post = (headers: Record<string, string>): Promise<Response> =>
    fetch(`${server.url}/mcp`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{}',
    });
  expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
  expect((await fetch(`${server.url}/health`, { headers: { origin: 'https://evil.example' } })).status).toBe(
    403,
  );
});
