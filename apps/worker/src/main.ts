#!/usr/bin/env node
import { createRunner } from '@nmcp/runner';
import { openServices } from '@nmcp/runtime';
import { onHangup, runApp, untilStopped } from '@nmcp/runtime/cli';
import { readSettings } from '@nmcp/settings';

await runApp('nmcp-worker', async () => {
  const settings = readSettings(process.env, { dataDir: 'data/tasks' });
  await using services = await openServices({ settings, environment: process.env, app: 'worker' });
  const pools = settings.workerPools?.map((name) => services.registry.requirePool(name));
  onHangup(services.reload);
  const runner = createRunner({
    ...services,
    pools,
    pollMs: settings.pollSeconds * 1000,
    leaseMs: settings.leaseSeconds * 1000,
    scanTimeoutMs: settings.scanTimeoutHours * 3_600_000,
  });
  services.log.info({ consumer: services.consumer, pools: pools ?? services.registry.pools() }, 'working');
  const signal = await untilStopped();
  services.log.info({ signal, active: runner.active }, 'stopping');
  const held = await runner.stop(settings.shutdownSeconds * 1000);
  if (held === 0) return;
  services.log.warn(
    { held },
    'stopped without giving these back; other workers take them when their leases end',
  );
  process.exit(0); // whatever holds them up would hold the process up too
});
