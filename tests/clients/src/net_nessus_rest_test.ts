import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '@nmcp/simulator';
import { tempFolder } from '@nmcp/test-support';
import { expect, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('net_nessus_rest.pl', import.meta.url));

/** Whether Debian's client is on this machine; in CI it has to be. */
function hasPerlClient(): boolean {
  if (spawnSync('perl', ['-MNet::Nessus::REST', '-e', '1']).status === 0) return true;
  const line =
    'NO PERL CLIENT: libnet-nessus-rest-perl is not installed; its run against the simulator is skipped';
  if (process.env.CI === 'true') throw new Error(line);
  console.warn(`\n${'!'.repeat(line.length)}\n${line}\n${'!'.repeat(line.length)}\n`);
  return false;
}

test.skipIf(!hasPerlClient())("Debian's Perl client runs a whole scan over TLS, unchanged", async () => {
  await using folder = await tempFolder();
  await using simulator = await startSimulator({ speed: 120 });
  const { url, username, password, certificate = '', accessKey, secretKey } = simulator;
  const [ca, report] = [`${folder.path}/ca.pem`, `${folder.path}/report.nessus`];
  await writeFile(ca, certificate);
  await makePolicy(`${url}/policies`, { accessKey, secretKey, ca: certificate });
  const child = spawn('perl', [SCRIPT, url, username, password, ca, report], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  await once(child, 'close');
  expect(output).toMatch(/^(?:ok \w+\n)+\d+ passed, 0 failed\n$/);
  expect(child.exitCode).toBe(0);
  expect(simulator.effects().map(({ what }) => what)).toEqual(['created', 'launched', 'deleted']);
  expect((await readFile(report, 'utf8')).split('<ReportHost ').length).toBeGreaterThan(10);
});

/** The module's own create_policy leaves out the template, which every scanner refuses. */
async function makePolicy(url: string, { accessKey, secretKey, ca }: Record<string, string>): Promise<void> {
  const body = JSON.stringify({
    uuid: 'ad629e16-03b6-8c1d-cef6-ef8c9dd3c658d24bd260ef5f9e66',
    settings: { name: 'Ours' },
  });
  const call = request(url, {
    method: 'POST',
    ca,
    headers: { 'x-apikeys': `accessKey=${accessKey}; secretKey=${secretKey}` },
  });
  call.end(body);
  const [response] = await once(call, 'response');
  response.resume();
  expect(response.statusCode).toBe(200);
}
