// Tokens that ended, and tokens of an authorization server that never were.
import { createHmac } from 'node:crypto';
import { assert, refused, until } from '../expect.mjs';

/** Seconds in which everything of a caller ends. */
const BOUND_MS = 2500;

const WAYS = [
  ['live pages', async (w, name, o) => w.get('/events', { headers: await w.login(name, o), ...o })],
  ['the old transport', (w, name, o) => w.get('/sse', { who: name, ...o })],
  [
    'the stream of a session',
    async (w, name, o) => {
      const headers = { accept: 'text/event-stream', 'mcp-session-id': await w.session(name, o) };
      return await w.get('/mcp', { who: name, headers, ...o });
    },
  ],
  [
    'an export',
    async (w, name, o) => w.get(`/scans/${w.large}/export/jsonl`, { headers: await w.login(name, o), ...o }),
  ],
];

let made = 0;

const ended = (how, end, [what, open], server) => ({
  name: `${what} of a token that is ${how}, at server ${server + 1}`,
  run: async (w) => {
    const name = `ends${++made}`;
    const scopes = what === 'an export' ? ['admin'] : ['scan'];
    const { id } = await known(w, name, scopes);
    const answer = await open(w, name, { server });
    assert.equal(answer.status, 200);
    const reader = answer.body.getReader();
    if (what === 'an export') await reader.read(); // the rest waits here
    const begun = performance.now();
    await end(w, id, name);
    const over = (async () => {
      try {
        // slowly for as long as it may take to be ended; what is on its way by then, which are megabytes, at once
        while (!(await reader.read()).done)
          if (what === 'an export' && performance.now() - begun < BOUND_MS / 2)
            await new Promise((r) => setTimeout(r, 20));
        return 'at its end';
      } catch {
        return 'ended';
      }
    })();
    const late = new Promise((resolve) => setTimeout(resolve, BOUND_MS, 'late'));
    const outcome = await Promise.race([over, late]);
    assert.notEqual(outcome, 'late', 'it was still open');
    if (what === 'an export') assert.equal(outcome, 'ended', 'all of it was sent');
    assert.ok(performance.now() - begun < BOUND_MS + 500);
    refused(await w.get('/metrics', { who: name, server }), [401]);
  },
});

/** A token that the servers know: they look for new ones twice a second. */
async function known(w, name, scopes) {
  const made = await w.makeToken(name, scopes);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  return made;
}

const revoke = (w, id) => w.tokenFile.revoke(id);

const oauth = (what, tokenOf) => ({
  name: `an access token ${what}`,
  run: async (w) => {
    const token = await tokenOf(w.authority);
    refused(await w.get('/metrics', { who: token }), [401, 429]); // a valid one would pass
    const { status } = await w.call(token, 'list_tasks');
    assert.ok([401, 429].includes(status), `answered ${status}`);
  },
});

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export const attacks = [
  ...WAYS.flatMap((way) => [0, 1].map((server) => ended('revoked', revoke, way, server))),
  {
    name: 'a wait of a token that is revoked',
    run: async (w) => {
      const { json } = await w.call('root', 'run_untrusted_scan', { targets: '10.50.0.9', name: 'waits' });
      const { id } = await known(w, 'waiter', ['admin']);
      const begun = performance.now();
      const waiting = w
        .call('waiter', 'wait_for_scan', { task_id: json.task_id, timeout_seconds: 30 })
        .catch(() => 'ended');
      await new Promise((resolve) => setTimeout(resolve, 300));
      await w.tokenFile.revoke(id);
      await waiting;
      assert.ok(performance.now() - begun < BOUND_MS + 800, 'it waited on');
      await w.call('root', 'cancel_scan', { task_id: json.task_id });
    },
  },
  {
    name: 'a cookie of a token that is revoked',
    run: async (w) => {
      const { id } = await known(w, 'pages', ['read']);
      const headers = await w.login('pages');
      assert.equal((await w.get('/', { headers })).status, 200);
      await w.tokenFile.revoke(id);
      await until(async () => (await w.get('/', { headers })).status === 303, { ms: BOUND_MS });
    },
  },
  {
    name: 'a cookie after logging out',
    run: async (w) => {
      const headers = await w.login('bob');
      await w.get('/logout', { method: 'POST', headers });
      for (const server of [0, 1]) refused(await w.get('/', { headers, server }), [303, 401]);
    },
  },
  {
    name: 'a session that goes on with another token',
    run: async (w) => {
      const id = await w.session('alice');
      const { id: token } = await w.makeToken('shortlived', ['read']);
      await w.tokenFile.revoke(token);
      const body = { jsonrpc: '2.0', id: 1, method: 'ping' };
      await until(async () => {
        const answer = await w.post('shortlived', body, { headers: { 'mcp-session-id': id } });
        return answer.status === 401 || answer.status === 429;
      });
    },
  },
  {
    name: '1,000 wrong tokens',
    run: async (w) => {
      const other = await w.server({});
      const statuses = new Set();
      for (let i = 0; i < 100; i++) {
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, j) => other.get('/metrics', { who: `nmcp_${i}_${j}` })),
        );
        for (const { status } of answers) statuses.add(status);
      }
      assert.deepEqual([...statuses].sort(), [401, 429]);
      assert.notEqual((await other.get('/metrics', { who: 'root' })).status, 429); // a valid one passes
      await other.stop();
    },
  },
  {
    name: '1,000 wrong tokens that each say that they come from elsewhere',
    run: async (w) => {
      const other = await w.server({});
      const statuses = new Set();
      for (let i = 0; i < 60; i++) {
        const headers = {
          'x-forwarded-for': `192.0.2.${i}`,
          forwarded: `for=192.0.2.${i}`,
          'x-real-ip': `192.0.2.${i}`,
        };
        statuses.add((await other.get('/metrics', { who: `wrong${i}`, headers })).status);
      }
      await other.stop();
      assert.ok(statuses.has(429), [...statuses].join());
    },
  },
  oauth(
    'without a signature',
    ({ issuer, audience }) =>
      `${part({ alg: 'none' })}.${part({ iss: issuer, aud: audience, sub: 'eve', scope: 'admin', exp: 4e9 })}.`,
  ),
  oauth('signed with the public key as a password', ({ issuer, audience, jwk }) => {
    const head = `${part({ alg: 'HS256', kid: 'k' })}.${part({ iss: issuer, aud: audience, sub: 'eve', scope: 'admin', exp: 4e9 })}`;
    return `${head}.${createHmac('sha256', JSON.stringify(jwk)).update(head).digest('base64url')}`;
  }),
  oauth('of another issuer', (a) => a.signed({ iss: 'https://evil.example' })),
  oauth('for another audience', (a) => a.signed({ aud: 'https://other.example' })),
  oauth('for a list of other audiences', (a) =>
    a.signed({ aud: ['https://a.example', 'https://b.example'] }),
  ),
  oauth('that is over', (a) => a.signed({}, { expires: '-1h' })),
  oauth('that has not begun', (a) => a.signed({ nbf: Math.floor(Date.now() / 1000) + 3600 })),
  oauth('that names its own keys', (a) =>
    a.signed({}, { header: { kid: '../../x', jku: 'http://127.0.0.1:9/keys' } }),
  ),
  oauth('whose subject is nobody', (a) => a.signed({ sub: '' })),
  {
    name: 'an access token whose scope is an object gives no rights',
    run: async (w) => {
      const token = await w.authority.signed({ scope: { admin: true } });
      const { text } = await w.call(token, 'list_tasks', {});
      assert.ok(!text.includes(w.large));
    },
  },
  {
    name: 'an access token whose subject is the name of a token, or of the local user',
    run: async (w) => {
      for (const sub of ['alice', 'local', 'root']) {
        const token = await w.authority.signed({ sub, scope: 'scan' });
        const { text } = await w.call(token, 'list_tasks', {});
        assert.ok(!text.includes(w.large) && !text.includes(w.hostile), `${sub} sees alice's scans`);
        assert.ok((await w.call(token, 'get_scan_status', { task_id: w.large })).isError);
      }
    },
  },
];
