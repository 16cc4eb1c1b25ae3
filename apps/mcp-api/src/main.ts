#!/usr/bin/env node
import { serveHttp } from '@nmcp/mcp';
import { openServices } from '@nmcp/runtime';
import { onHangup, runApp, untilStopped } from '@nmcp/runtime/cli';
import { readSettings } from '@nmcp/settings';

await runApp('nmcp-api', async () => {
  const settings = readSettings(process.env, { dataDir: 'data/tasks' });
  await using services = await openServices({ settings, environment: process.env, app: 'mcp-api' });
  onHangup(services.reload);
  await using server = await serveHttp(services, settings);
  services.log.info({ url: server.url }, 'listening');
  const signal = await untilStopped();
  services.log.info({ signal }, 'stopping');
});
