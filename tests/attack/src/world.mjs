// What is attacked: two servers and a worker on one Redis, a scanner, an authorization server, and callers with tokens.
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openTokenFile } from '@nmcp/access';
import { startSimulator } from '@nmcp/simulator';
import { findRedisServer, runApp, startApp, startRedis, tempFolder } from '@nmcp/test-support';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { hostileExport, largeExport } from './hostile_export.mjs';
import { createRequests } from './requests.mjs';

/** Where the audience of access tokens is said to be. */
const AUDIENCE = 'https://nessus.example.org/mcp';
/** A password that must be found nowhere. */
export const PLANTED = 'Pl4nted-S3cret-9f27';
/** Findings of the large scan. */
const FINDINGS = 200_000;

const POLICY = `
default:
  allow: [10.0.0.0/8, 192.168.0.0/16, "fd00::/8"]
  deny: [10.99.0.0/16, 192.168.66.6, "fd00:bad::/32"]
  max_hosts_per_scan: 4096
  max_hosts_per_day: 200000
  approval: {targets: [10.50.0.0/16], by: operator}
`;

const CREDENTIALS = `
linux:
  ssh: {username: audit, password: {env: PLANTED}}
  targets: [10.20.0.0/16]
`;

/**
 * Opens it; `dispose` ends all of it.
 *
 * @param more environment of the servers with limits
 */
export async function openWorld(more = {}) {
  const folder = await tempFolder();
  const redis = await startRedis(findRedisServer() ?? '');
  const simulator = await startSimulator({});
  const dataDir = join(folder.path, 'tasks');
  const importDir = join(folder.path, 'import');
  for (const path of [dataDir, importDir]) mkdirSync(path);
  const { url, accessKey, secretKey, fingerprint } = simulator;
  const scanner = (id) =>
    `  - instance_id: ${id}\n    url: ${url}\n    access_key: ${accessKey}\n    secret_key: \${SCANNER_SECRET}\n    tls: {fingerprint: "${fingerprint}"}\n`;
  const write = (name, text) => {
    const path = join(folder.path, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const authority = await openAuthority();
  const environment = {
    REDIS_URL: redis.url,
    DATA_DIR: dataDir,
    IMPORT_DIR: importDir,
    SCANNER_CONFIG: write('scanners.yaml', `nessus:\n${scanner('s1')}nessus_dmz:\n${scanner('s2')}`),
    SCANNER_SECRET: secretKey,
    POLICY_FILE: write('policy.yaml', POLICY),
    CREDENTIALS_FILE: write('credentials.yaml', CREDENTIALS),
    PLANTED,
    OAUTH_ISSUER: authority.issuer,
    OAUTH_AUDIENCE: AUDIENCE,
    PORT: '0',
    CALLS_PER_MINUTE: '0', // of what an attack tries, nothing is refused for being much; those who take more have servers with limits
    POLL_SECONDS: '0.2',
    SCANNER_CALL_SECONDS: '3',
  };
  const store = openTokenFile(join(dataDir, '.tokens.json'));
  const tokens = {};
  const make = async (name, scopes, more = {}) => {
    const { token, record } = await store.create({ name, scopes, ...more });
    tokens[name] = token;
    return { token, id: record.id };
  };
  await make('root', ['admin']);
  await make('alice', ['scan:credentials']);
  await make('bob', ['scan']);
  await make('reader', ['read']);
  await make('dmz', ['scan'], { pools: ['nessus_dmz'] });
  await make('mallory', ['scan:credentials']);

  await pipeline(Readable.from(largeExport(FINDINGS)), createWriteStream(join(importDir, 'large.nessus')));
  writeFileSync(join(importDir, 'hostile.nessus'), hostileExport());
  const imported = {};
  for (const [key, name, owner] of [
    ['large', 'large', 'alice'],
    ['hostile', 'hostile', 'alice'],
    ['hostilesOwn', 'large', 'mallory'],
  ]) {
    const args = ['import', join(importDir, `${name}.nessus`), '--owner', owner, '--json'];
    const { code, stdout, stderr } = await runApp('admin-cli', args, { environment });
    if (code !== 0) throw new Error(`import: ${stderr}`);
    imported[key] = /"task_id":\s*"([^"]+)"/.exec(stdout)[1];
  }
  const worker = startApp('worker', [], environment);
  await worker.says(/working/);
  const servers = [await startServer(environment), await startServer(environment)];
  const limited = [];
  for (const _ of servers)
    limited.push(await startServer({ ...environment, CALLS_PER_MINUTE: '1200', ...more }));
  const [urls, limitedUrls] = [servers, limited].map((apps) => apps.map(({ url }) => url));
  const apps = [...servers, ...limited, worker];
  return {
    folder: folder.path,
    dataDir,
    importDir,
    environment,
    simulator,
    redis,
    authority: { ...authority, audience: AUDIENCE },
    tokens,
    tokenFile: store,
    makeToken: make,
    /** Tasks of alice: a large scan, and one that a hostile host wrote; and mallory's own, as large. */
    ...imported,
    servers,
    worker,
    apps,
    urls,
    ...createRequests(urls, tokens),
    /** The same on two servers with the limits of production. */
    limitedServers: limited,
    limitedUrls,
    limited: createRequests(limitedUrls, tokens),
    /** Starts one more server, with other settings. */
    server: async (more) => {
      const app = await startServer({ ...environment, ...more });
      return { ...app, ...createRequests([app.url], tokens) };
    },
    async dispose() {
      for (const app of apps) await app.stop('SIGKILL');
      await simulator.close();
      await redis.stop();
      authority.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** mcp-api, once it listens. */
async function startServer(environment) {
  const app = startApp('mcp-api', [], environment);
  const [, url] = await app.says(/"url":"(http[^"]+)"/);
  return { ...app, url };
}

/** An authorization server, and tokens of it as an attacker would make them. */
async function openAuthority() {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' };
  const server = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const signed = (claims = {}, { header = {}, key = privateKey, expires = '5m' } = {}) => {
    const jwt = new SignJWT({ iss: issuer, aud: AUDIENCE, sub: 'eve', scope: 'scan', ...claims });
    return jwt
      .setProtectedHeader({ alg: 'ES256', kid: 'k', ...header })
      .setExpirationTime(expires)
      .sign(key);
  };
  return { issuer, jwk, signed, close: () => server.close() };
}
