#!/usr/bin/env node
import { serveHttp } from '@nmcp/mcp';
import { logSelfCheck, openServices } from '@nmcp/runtime';
import { onHangup, runDaemon, untilStopped } from '@nmcp/runtime/cli';
import { readSettings } from '@nmcp/settings';

const ABOUT = { name: 'nmcp-api', version: '0.1.0', description: 'MCP server of Nessus MCP' };

await runDaemon(ABOUT, async () => {
  const settings = readSettings(process.env, { dataDir: 'data/tasks' });
  await using services = await openServices({ settings, environment: process.env, app: 'mcp-api' });
  onHangup(services.reload);
  await using server = await serveHttp(services, settings);
  services.log.info({ url: server.url }, 'listening');
  void logSelfCheck(services);
  const signal = await untilStopped();
  services.log.info({ signal }, 'stopping');
});
