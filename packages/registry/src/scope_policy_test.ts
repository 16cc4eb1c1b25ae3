import { createNessusClient, listPolicies, type NessusClient } from '@nmcp/nessus-client';
import { type Simulator, startSimulator } from '@nmcp/simulator';
import type { Scanner, ScanRequest } from '@nmcp/types';
import { expect, test } from 'vitest';
import { adaptNessus } from './mod.ts';

const REQUEST: ScanRequest = {
  ...{ targets: '192.0.2.0/27', name: 'n', description: '', marker: 'nmcp:t', scanType: 'untrusted' },
  scope: { plugins: [153_952], ports: 'T:80' },
};

interface Sent {
  path: string;
  body: Record<string, unknown>;
}

/** A simulated scanner and what was sent to it. */
async function stage(): Promise<
  AsyncDisposable & { simulator: Simulator; client: NessusClient; scanner: Scanner; sent: Sent[] }
> {
  const simulator = await startSimulator({ tls: false, speed: 1000 });
  const sent: Sent[] = [];
  const { url, accessKey, secretKey } = simulator;
  const client = createNessusClient({
    url,
    auth: { accessKey, secretKey },
    fetch: async (input, init) => {
      const path = String(input).slice(url.length);
      if (init?.method === 'POST' && init.body) sent.push({ path, body: JSON.parse(String(init.body)) });
      return await fetch(input, init);
    },
  });
  const scanner = adaptNessus(client);
  return { simulator, client, scanner, sent, [Symbol.asyncDispose]: () => simulator.close() };
}

test('a scan of some plugins is made of a policy that has these alone, with what says what was looked at', async () => {
  await using t = await stage();
  const scanId = await t.scanner.createScan(REQUEST);
  const [policy, scan] = t.sent;
  expect(policy).toMatchObject({
    path: '/policies',
    body: {
      settings: { name: 'Nessus MCP [nmcp:t]', portscan_range: 'T:80' },
      plugins: {
        Settings: { status: 'mixed', individual: { 19506: 'enabled' } },
        'Web Servers': { status: 'mixed', individual: { 153952: 'enabled' } },
        'Port scanners': { status: 'enabled' },
        Windows: { status: 'disabled' },
      },
    },
  });
  const [made] = await t.scanner.listPolicies();
  expect(scan).toMatchObject({ path: '/scans', body: { settings: { policy_id: made?.policyId } } });
  await t.scanner.launch(scanId);
  while ((await t.scanner.status(scanId)).phase !== 'completed')
    await new Promise((resolve) => setTimeout(resolve, 5));
  const report = await new Response(await t.scanner.exportResults(scanId)).text();
  const reported = new Set([...report.matchAll(/pluginID="(\d+)"/g)].map(([, id]) => id));
  expect([...reported].toSorted()).toEqual(['153952', '19506']);
  expect(report).toContain('<policyName>Nessus MCP [nmcp:t]</policyName>');
});

test('a policy that an earlier attempt has made is used again', async () => {
  await using t = await stage();
  await t.scanner.createScan(REQUEST);
  await t.scanner.createScan(REQUEST);
  expect(await listPolicies(t.client)).toHaveLength(1);
});

test('a plugin that the scanner does not have is named, and nothing is made', async () => {
  await using t = await stage();
  const scope = { plugins: [153_952, 999_999] };
  await expect(t.scanner.createScan({ ...REQUEST, scope })).rejects.toMatchObject({
    code: 'scanner_error',
    message: expect.stringContaining('no plugin 999999'),
  });
  expect(await listPolicies(t.client)).toEqual([]);
});

test('a policy goes when its scan has gone', async () => {
  await using t = await stage();
  const scanId = await t.scanner.createScan(REQUEST);
  const [made] = await t.scanner.listPolicies();
  const policyId = made?.policyId ?? 0;
  await expect(t.scanner.deletePolicy(policyId)).rejects.toMatchObject({ code: 'conflict' });
  await t.scanner.delete(scanId);
  await t.scanner.deletePolicy(policyId);
  await t.scanner.deletePolicy(policyId);
  expect(await t.scanner.listPolicies()).toEqual([]);
});
