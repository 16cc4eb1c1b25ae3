// The product's HTTP app with the fixtures mounted in place of its tools: transport, guards and middleware are what is tested.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveHttp } from '@nmcp/mcp';
import { openServices } from '@nmcp/runtime';
import { readSettings } from '@nmcp/settings';
import { buildFixtures } from './fixture_registry.mjs';

const dataDir = mkdtempSync(join(tmpdir(), 'nmcp-conformance-'));
const environment = { DATA_DIR: dataDir, LOG_LEVEL: process.env.LOG_LEVEL ?? 'fatal' };
const services = await openServices({
  settings: readSettings(environment, { dataDir }),
  environment,
  app: 'conformance',
});
const server = await serveHttp(services, { host: '127.0.0.1', port: 0, build: buildFixtures });
console.error(`listens at ${server.url}/mcp`);
process.once('SIGTERM', async () => {
  await server.close();
  await services[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
  process.exit(0);
});
