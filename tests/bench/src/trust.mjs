import { join } from 'node:path';
import { openTokenFile } from '@nmcp/access';
import { createScanPolicy } from '@nmcp/policy';
import { atMost, ratioAtLeast } from '@nmcp/test-support';
import { mediansInTurns, percentile } from './measure.mjs';
import { withApi } from './start_api.mjs';

const DECISIONS = 2000;
const ROUNDS = 8;
const CALLS = 400;

/** What trust costs: a decision of a large policy, and tokens on the most frequent call. */
export async function trust(say) {
  return [...(await decision()), ...(await authentication(say))];
}

/** A /8 of which 10,000 networks are denied, asked about as a whole and in parts. */
async function decision() {
  const deny = Array.from({ length: 10_000 }, (_, i) => `10.${i >> 8}.${i & 255}.0/26`);
  const policy = createScanPolicy({
    document: { default: { max_hosts_per_scan: 2 ** 25, allow: ['10.0.0.0/8'], deny } },
    resolve: async () => [],
  });
  const ask = (targets) =>
    policy.admit({ targets, pool: 'nessus', caller: 'local' }).then(
      () => true,
      () => false,
    );
  await ask('10.0.0.1'); // the rules are compiled once
  const times = [];
  for (let i = 0; i < DECISIONS; i++) {
    const targets = ['10.0.0.0/8', '10.100.0.0/16', `10.7.${i & 255}.64/26, 10.9.${i & 255}.128-255`][i % 3];
    const begun = performance.now();
    const allowed = await ask(targets);
    times.push(performance.now() - begun);
    if (allowed !== (i % 3 !== 0)) throw new Error(`wrong decision for ${targets}`);
  }
  return [atMost('decision on a /8 without 10,000 networks, p99', 'ms', percentile(times, 0.99), 1)];
}

/** get_scan_status with tokens, and on a server without any, in turns. */
function authentication(say) {
  const environment = { CALLS_PER_MINUTE: '0' };
  let headers;
  const makeToken = async (dataDir) => {
    const tokens = openTokenFile(join(dataDir, '.tokens.json'));
    const { token } = await tokens.create({ name: 'bench', scopes: ['scan'] });
    headers = { authorization: `Bearer ${token}` };
    return headers;
  };
  const measure = async (closed, open) => {
    const rateOf = async (client) => {
      const { taskId } = await client.submit();
      return async () => {
        const begun = performance.now();
        for (let n = 0; n < CALLS; n++) await client.call('get_scan_status', { task_id: taskId });
        return (1000 * CALLS) / (performance.now() - begun);
      };
    };
    const rates = [await rateOf(open.client), await rateOf(closed.client)];
    const [without, withToken] = await mediansInTurns(ROUNDS, rates, (round) =>
      say(`get_scan_status, ${round}`),
    );
    return [ratioAtLeast('get_scan_status with a token', 'calls/s', withToken, 'without', without, 0.9)];
  };
  return withApi(
    environment,
    // both clients send the token: what is measured is the server
    (closed) => withApi(environment, (open) => measure(closed, open), { prepare: () => headers }),
    { prepare: makeToken },
  );
}
