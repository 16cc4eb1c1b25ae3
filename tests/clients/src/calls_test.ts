import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startSimulator } from '@nmcp/simulator';
import { expect, test } from 'vitest';

test.each([
  ['nessrest for Python', 'calls_of_nessrest.mjs'],
  ['nessus_rest for Ruby', 'calls_of_ruby_client.mjs'],
])('the calls of %s', async (_client, script) => {
  await using simulator = await startSimulator({ tls: false, speed: 120 });
  const { url, username, password } = simulator;
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, url, username, password], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  expect(output).toMatch(/^(?:ok .+\n)+\d+ passed, 0 failed\n$/);
  expect(child.exitCode).toBe(0);
});
