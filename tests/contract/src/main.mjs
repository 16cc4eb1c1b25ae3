// The part of the contract that only reads, against a scanner of yours: npm run contract -- --url https://scanner:8834
// Keys: NESSUS_ACCESS_KEY and NESSUS_SECRET_KEY of the environment, or --access-key and --secret-key, which others on this
// machine can see. Writes contract-report.json, which names neither the scanner nor anything on it.
import { rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createNessusClient, getServerProperties } from '@nmcp/nessus-client';
import { createTrustingFetch } from '@nmcp/nessus-client/node';
import { rolldown } from 'rolldown';

const text = { type: 'string' };
const { values } = parseArgs({
  options: {
    url: text,
    'access-key': text,
    'secret-key': text,
    'ca-file': text,
    fingerprint: text,
    insecure: { type: 'boolean' },
    report: { type: 'string', default: 'contract-report.json' },
  },
});
const accessKey = values['access-key'] ?? process.env.NESSUS_ACCESS_KEY;
const secretKey = values['secret-key'] ?? process.env.NESSUS_SECRET_KEY;
if (!values.url || !accessKey || !secretKey) {
  console.error(
    'Usage: NESSUS_ACCESS_KEY=... NESSUS_SECRET_KEY=... npm run contract -- --url https://scanner:8834 [--ca-file FILE | --fingerprint SHA256 | --insecure] [--report FILE]',
  );
  process.exit(2);
}

const trust = createTrustingFetch({
  caFile: values['ca-file'],
  fingerprint: values.fingerprint,
  insecure: values.insecure,
});
const connect = (auth) => createNessusClient({ url: values.url, auth, fetch: trust.fetch });
const client = connect({ accessKey, secretKey });
const results = [];
for (const { name, run } of (await loadCases()).filter(({ readOnly }) => readOnly)) {
  const begun = performance.now();
  const problem = await run({ client, connect }).then(
    () => undefined,
    (error) => redact(error.message ?? String(error)),
  );
  results.push({ name, holds: problem === undefined, ms: Math.round(performance.now() - begun), problem });
  console.log(`${problem === undefined ? 'holds ' : 'FAILED'}  ${name}${problem ? `: ${problem}` : ''}`);
}
const properties = await getServerProperties(client).catch(() => ({}));
const report = {
  scanner: {
    type: properties.nessus_type,
    version: properties.server_version,
    features: properties.license?.features,
  },
  results,
};
writeFileSync(resolve(process.env.INIT_CWD ?? '.', values.report), `${JSON.stringify(report, null, 2)}\n`);
await trust.close();
const failed = results.filter(({ holds }) => !holds).length;
console.log(`${results.length - failed} hold, ${failed} failed; ${values.report} is written`);
process.exitCode = failed === 0 ? 0 : 1;

/** Node 20 reads no TypeScript, so the cases are bundled. */
async function loadCases() {
  const file = fileURLToPath(new URL('cases.bundle.mjs', import.meta.url));
  const bundle = await rolldown({
    input: fileURLToPath(new URL('cases.ts', import.meta.url)),
    platform: 'node',
    external: /^@nmcp\//,
  });
  await bundle.write({ file, format: 'esm' });
  try {
    return (await import(file)).CASES;
  } finally {
    rmSync(file);
  }
}

/** Leaves out addresses, names and secrets. */
function redact(message) {
  const { origin, hostname } = new URL(values.url);
  return [origin, hostname, accessKey, secretKey]
    .reduce((kept, secret) => kept.replaceAll(secret, '<scanner>'), message)
    .replaceAll(/\d{1,3}(?:\.\d{1,3}){3}/g, '<address>')
    .replaceAll(/"[^"]*"/g, '"<text>"')
    .slice(0, 300);
}
