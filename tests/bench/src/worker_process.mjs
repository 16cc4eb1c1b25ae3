import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { here } from './measure.mjs';

/** apps/worker in a process of its own, with a simulated scanner of so many slots. */
export function startWorker(folder, { simulator, slots, pool = 'nessus', ...environment }) {
  const config = join(folder, 'scanners.yaml');
  writeFileSync(
    config,
    `${pool}:\n  - {instance_id: s1, url: "${simulator.url}", access_key: ${simulator.accessKey}, secret_key: ${simulator.secretKey}, max_concurrent_scans: ${slots}}\n`,
  );
  const child = spawn(process.execPath, [here('../../../apps/worker/bin/main.js')], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, SCANNER_CONFIG: config, LOG_LEVEL: 'warn', ...environment },
  });
  const gone = new Promise((resolve) => child.on('exit', resolve));
  return {
    pid: child.pid,
    signal: (name) => child.kill(name),
    async stop(name = 'SIGTERM') {
      child.kill(name);
      await gone;
    },
  };
}
