#!/usr/bin/env node
import { logSelfCheck, openServices } from '@nmcp/runtime';
import { onHangup, runDaemon, untilStopped } from '@nmcp/runtime/cli';
import { serveWorkerStatus, startWorker } from '@nmcp/runtime/worker';
import { readSettings } from '@nmcp/settings';

const ABOUT = { name: 'nmcp-worker', version: '0.1.0', description: 'Runs the scans of Nessus MCP' };

await runDaemon(ABOUT, async () => {
  const settings = readSettings(process.env, { dataDir: 'data/tasks' });
  await using services = await openServices({ settings, environment: process.env, app: 'worker' });
  onHangup(services.reload);
  const worker = startWorker(services, settings);
  const { workerStatus } = settings;
  await using status = workerStatus && (await serveWorkerStatus(services, worker, workerStatus));
  const pools = settings.workerPools ?? services.registry.pools();
  services.log.info({ consumer: services.consumer, pools, status: status?.url }, 'working');
  void worker.seen.then(() => logSelfCheck(services));
  const signal = await untilStopped();
  services.log.info({ signal, active: worker.active }, 'stopping');
  const held = await worker.stop(settings.shutdownSeconds * 1000);
  if (held === 0) return;
  services.log.warn(
    { held },
    'stopped without releasing these tasks; other workers take them when their leases expire',
  );
  process.exit(0); // whatever blocks them would block the exit of the process too
});
