// More than a share: calls, streams, sessions, over every door and both servers.
import { assert } from '../expect.mjs';

const quiet = (promise) => promise.catch(() => ({ status: 'dropped' }));

/** A caller of its own, so that what he uses up is his own. */
let made = 0;
async function caller(w, scopes = ['read']) {
  const name = `greedy${++made}`;
  await w.makeToken(name, scopes);
  await new Promise((resolve) => setTimeout(resolve, 1100)); // servers look for new tokens twice a second
  return name;
}

/** Answers that were not read: one that is forgotten closes its stream. */
const unread = [];

async function flood(count, action, atOnce = 25) {
  const statuses = {};
  for (let i = 0; i < count; i += atOnce) {
    const answers = await Promise.all(Array.from({ length: atOnce }, (_, j) => quiet(action(i + j))));
    for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
    unread.push(...answers.filter(({ status, body }) => status === 200 && body));
  }
  return statuses;
}

const honest = async (w) => {
  const { isError, text } = await w.call('reader', 'list_tasks');
  assert.ok(!isError, text);
};

export const attacks = [
  {
    name: '2,000 calls in a minute',
    run: async (w) => {
      const name = await caller(w);
      const statuses = await flood(2000, () => w.call(name, 'list_tasks'));
      assert.ok((statuses[200] ?? 0) <= 1201, JSON.stringify(statuses));
      await honest(w);
    },
  },
  {
    name: '2,000 calls in a minute over two servers',
    run: async (w) => {
      const name = await caller(w);
      const statuses = await flood(2000, (i) => w.call(name, 'list_tasks', {}, { server: i % 2 }));
      assert.ok((statuses[200] ?? 0) <= 1400, JSON.stringify(statuses));
    },
  },
  {
    name: '3,000 messages in batches',
    run: async (w) => {
      const name = await caller(w);
      const batch = Array.from({ length: 100 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }));
      const statuses = await flood(30, () => w.post(name, batch), 5);
      assert.ok((statuses[429] ?? 0) >= 10, JSON.stringify(statuses));
    },
  },
  {
    name: '2,000 pages',
    run: async (w) => {
      const name = await caller(w);
      const headers = await w.login(name);
      const statuses = await flood(2000, () => w.get('/scans', { headers }));
      assert.ok((statuses[200] ?? 0) <= 1201, JSON.stringify(statuses));
      await honest(w);
    },
  },
  {
    name: '300 exports, which cost more',
    run: async (w) => {
      const name = await caller(w, ['admin']);
      const headers = await w.login(name);
      const statuses = await flood(
        300,
        async () => {
          const answer = await w.get(`/scans/${w.hostile}/export/csv`, { headers });
          await answer.text();
          return answer;
        },
        10,
      );
      assert.ok((statuses[200] ?? 0) <= 125, JSON.stringify(statuses));
    },
  },
  {
    name: '300 sessions, which would end those of others',
    run: async (w) => {
      const hers = await w.session('alice');
      const name = await caller(w);
      await flood(300, async () => {
        await w.session(name);
        return { status: 200 };
      });
      const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
      const answer = await w.post('alice', ping, { headers: { 'mcp-session-id': hers } });
      assert.equal(answer.status, 200);
    },
  },
  ...[
    ['live pages', async (w, name) => ['/events', { headers: await w.login(name) }]],
    ['streams of the old transport', async (_w, name) => ['/sse', { who: name }]],
  ].map(([what, how]) => ({
    name: `600 ${what}, which would leave none for others`,
    run: async (w) => {
      const name = await caller(w);
      const [path, options] = await how(w, name);
      const left = new AbortController();
      const statuses = await flood(600, () => w.get(path, { ...options, signal: left.signal }), 50);
      assert.ok((statuses[200] ?? 0) <= 32, JSON.stringify(statuses));
      const other = new AbortController();
      const answer = await w.get('/events', { headers: await w.login('reader'), signal: other.signal });
      assert.equal(answer.status, 200);
      other.abort();
      left.abort();
    },
  })),
  {
    name: 'streams of several kinds, and on both servers, of which each has its limit',
    run: async (w) => {
      const name = await caller(w);
      const headers = await w.login(name);
      const left = new AbortController();
      const { signal } = left;
      const statuses = {};
      for (let i = 0; i < 60; i++) {
        const [path, how] = i % 2 ? ['/events', { headers }] : ['/sse', { who: name }];
        const { status } = await quiet(w.get(path, { ...how, signal, server: i % 2 }));
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 150));
      }
      left.abort();
      assert.ok(statuses[200] <= 44, JSON.stringify(statuses));
    },
  },
  {
    name: 'more calls at once than may be, each of which waits',
    run: async (w) => {
      const name = await caller(w, ['scan']);
      const { json } = await w.call(name, 'run_untrusted_scan', { targets: '10.50.1.1', name: 'waits' });
      const left = new AbortController();
      const args = { task_id: json.task_id, timeout_seconds: 20 };
      const waiting = Array.from({ length: 80 }, () => quiet(w.call(name, 'wait_for_scan', args, left)));
      const over = (
        await Promise.all(
          waiting.map((each) => Promise.race([each, new Promise((r) => setTimeout(r, 3000))])),
        )
      ).filter((each) => each !== undefined);
      assert.ok(over.length >= 40, `${over.length} of 80 were refused`);
      await honest(w);
      left.abort();
      await w.call(name, 'cancel_scan', { task_id: json.task_id });
    },
  },
  {
    name: 'a caller that is told to wait and goes on at once',
    run: async (w) => {
      const name = await caller(w);
      const begun = performance.now();
      await flood(1300, () => w.get('/metrics', { who: name }));
      let answers = 0;
      const end = performance.now() + 2000;
      const hammer = async () => {
        while (performance.now() < end) {
          await quiet(w.get('/metrics', { who: name }));
          answers++;
        }
      };
      await Promise.all(Array.from({ length: 20 }, hammer));
      assert.ok(answers < 400, `${answers} refusals in two seconds`);
      assert.ok(performance.now() - begun < 120_000);
    },
  },
  {
    name: 'a scan of more hosts than a day has',
    run: async (w) => {
      const name = await caller(w, ['scan']);
      const ids = [];
      let refusals = 0;
      for (let i = 0; i < 70; i++) {
        const args = { targets: `10.${100 + (i >> 4)}.${(i & 15) * 16}.0/20`, name: 'day' };
        const answer = await w.call(name, 'run_untrusted_scan', args);
        if (answer.isError) refusals++;
        else ids.push(answer.json.task_id);
      }
      for (const task_id of ids) await w.call(name, 'cancel_scan', { task_id });
      assert.ok(refusals > 0 && ids.length * 4096 <= 200_000 + 4096, `${ids.length} accepted`);
    },
  },
  {
    name: 'imports that are counted as scans, or not at all',
    run: async (w) => {
      const statuses = [];
      for (let i = 0; i < 5; i++)
        statuses.push((await w.call('alice', 'import_scan', { file: 'hostile.nessus' })).isError);
      assert.ok(statuses.every((each) => each === statuses[0]));
    },
  },
  {
    name: 'a connection that sends a byte now and then',
    run: async (w) => {
      const said = await w.raw('GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ', { silenceMs: 15_000 });
      assert.match(said, /^(?:HTTP\/1\.1 408|$)/);
    },
  },
];
