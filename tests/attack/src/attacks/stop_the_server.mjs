// Requests that would end the process, or leave something of it open.

import { assert, refused, until } from '../expect.mjs';
import { descriptorsOf } from '../process_state.mjs';

const LOCAL = 'Host: 127.0.0.1';

/** The descriptors of the server are back where they were, but a few of connections that are kept. */
async function leaksNothing(w, action, room = 12) {
  const before = descriptorsOf(w.servers[0].child.pid);
  await action();
  await until(() => descriptorsOf(w.servers[0].child.pid) <= before + room, {
    what: `giving back descriptors (${before} before)`,
  });
}

async function many(count, action) {
  for (let i = 0; i < count; i += 10)
    await Promise.all(Array.from({ length: Math.min(10, count - i) }, (_, j) => action(i + j)));
}

async function quietly(promise) {
  return await promise.catch(() => undefined);
}

export const attacks = [
  {
    name: 'an export of an unknown format, again and again, leaks descriptors',
    run: async (w) => {
      const headers = await w.login('alice');
      await leaksNothing(w, () =>
        many(100, async () => {
          const answer = await w.get(`/scans/${w.hostile}/export/nope`, { headers });
          refused(answer, [404, 429]);
          await answer.arrayBuffer();
        }),
      );
    },
  },
  {
    name: 'HEAD of exports leaks descriptors',
    run: async (w) => {
      const headers = await w.login('alice');
      await leaksNothing(w, () =>
        many(60, (i) =>
          w.get(`/scans/${w.large}/export/${['nessus', 'csv', 'jsonl', 'html'][i % 4]}`, {
            headers,
            method: 'HEAD',
          }),
        ),
      );
    },
  },
  {
    name: 'exports that are left while they are read leak descriptors or work',
    run: async (w) => {
      const headers = await w.login('alice');
      await leaksNothing(w, () =>
        many(30, async (i) => {
          const left = new AbortController();
          const path = `/scans/${w.large}/export/${['nessus', 'csv', 'jsonl'][i % 3]}`;
          const answer = await quietly(w.get(path, { headers, signal: left.signal }));
          await quietly(answer?.body?.getReader().read() ?? Promise.resolve());
          left.abort();
        }),
      );
    },
  },
  {
    name: 'HEAD /events holds places of streams',
    run: async (w) => {
      const headers = await w.login('bob');
      await many(60, () => w.get('/events', { headers, method: 'HEAD' }));
      const left = new AbortController();
      const answer = await w.get('/events', { headers, signal: left.signal });
      assert.equal(answer.status, 200);
      left.abort();
    },
  },
  ...[
    ['text that is no JSON', '{"jsonrpc": '],
    ['an empty body', ''],
    ['an empty batch', '[]'],
    ['a batch in a batch', '[[[[{"jsonrpc":"2.0","id":1,"method":"ping"}]]]]'],
    ['100,000 brackets', '['.repeat(100_000)],
    ['100,000 nested objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['a number beyond all', '{"jsonrpc":"2.0","id":1e999,"method":"ping"}'],
    ['an object as an id', '{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}'],
    ['__proto__ in the message', '{"__proto__":{"isAdmin":true},"jsonrpc":"2.0","id":1,"method":"ping"}'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0xfe, 0x22, 0x7d])],
    ['a method of Object', '{"jsonrpc":"2.0","id":1,"method":"constructor"}'],
    ['a method of a megabyte', JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(1_000_000) })],
    ['params that are a list', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":[1,2]}'],
  ].map(([what, body]) => ({
    name: `a message that is ${what}`,
    run: async (w) => {
      const answer = await w.post('bob', body);
      assert.ok(answer.status < 500, `answered ${answer.status}`);
      assert.doesNotMatch(await answer.text(), /node_modules|at \w+ \(/);
    },
  })),
  ...['constructor', '__proto__', 'hasOwnProperty', 'toString', '../list_tasks', 'x'.repeat(100_000)].map(
    (name) => ({
      name: `a tool named ${name.slice(0, 20)}`,
      run: async (w) => {
        const answer = await w.call('bob', name);
        assert.ok(answer.isError && answer.status < 500, `answered ${answer.status}`);
      },
    }),
  ),
  {
    name: '__proto__ among the arguments of a tool',
    run: async (w) => {
      const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_tasks","arguments":{"__proto__":{"scopes":["admin"]},"constructor":{"prototype":{"scopes":["admin"]}}}}}`;
      await (await w.post('bob', body)).text();
      const { json } = await w.call('bob', 'list_tasks');
      assert.deepEqual(json.tasks, []);
    },
  },
  ...[
    ['two lengths', `POST /mcp HTTP/1.1\r\n${LOCAL}\r\nContent-Length: 4\r\nContent-Length: 40\r\n\r\nabcd`],
    [
      'a length and chunks',
      `POST /mcp HTTP/1.1\r\n${LOCAL}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\n${LOCAL}\r\n\r\n`,
    ],
    [
      'chunks of no size',
      `POST /mcp HTTP/1.1\r\n${LOCAL}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n`,
    ],
    ['headers of a megabyte', `GET / HTTP/1.1\r\n${LOCAL}\r\nX: ${'x'.repeat(1_000_000)}\r\n\r\n`],
    ['10,000 headers', `GET / HTTP/1.1\r\n${LOCAL}\r\n${'A: b\r\n'.repeat(10_000)}\r\n`],
    ['a line break in a header', `GET / HTTP/1.1\r\n${LOCAL}\r\nX: a\nSet-Cookie: x\r\n\r\n`],
    ['a connection to elsewhere', 'CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n'],
    [
      'an address of elsewhere',
      'GET http://169.254.169.254/latest HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n',
    ],
    ['TRACE', `TRACE / HTTP/1.1\r\n${LOCAL}\r\nAuthorization: Bearer x\r\n\r\n`],
    [
      'an upgrade',
      `GET /mcp HTTP/1.1\r\n${LOCAL}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`,
    ],
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a path of 100,000 characters', `GET /${'a'.repeat(15_000)} HTTP/1.1\r\n${LOCAL}\r\n\r\n`],
    ['a path of bytes', `GET /scans/%ff%fe%00/x HTTP/1.1\r\n${LOCAL}\r\n\r\n`],
    ['a body cut short', `POST /mcp HTTP/1.1\r\n${LOCAL}\r\nContent-Length: 1000\r\n\r\n{`],
  ].map(([what, bytes]) => ({
    name: `a request that has ${what}`,
    run: async (w) => {
      const said = await w.raw(bytes);
      assert.doesNotMatch(said, /^HTTP\/1\.1 (?:2|5(?!01|05))/, said.slice(0, 120));
    },
  })),
  {
    name: '1,000 requests at once on one connection',
    run: async (w) => {
      await w.raw(`GET /livez HTTP/1.1\r\n${LOCAL}\r\n\r\n`.repeat(1000), { silenceMs: 3000 });
    },
  },
  {
    name: 'a session of a megabyte, and of a line break',
    run: async (w) => {
      const headers = { 'mcp-session-id': 'x'.repeat(10_000) };
      refused(await w.post('bob', { jsonrpc: '2.0', id: 1, method: 'ping' }, { headers }), [404, 431, 400]);
    },
  },
  {
    name: 'resuming from an event that never was',
    run: async (w) => {
      const id = await w.session('bob');
      const left = new AbortController();
      const answer = await w.get('/mcp', {
        who: 'bob',
        signal: left.signal,
        headers: { accept: 'text/event-stream', 'mcp-session-id': id, 'last-event-id': '../../x/99' },
      });
      assert.ok(answer.status < 600);
      left.abort();
    },
  },
  {
    name: 'ending a session twice, and a stream of a session that has ended',
    run: async (w) => {
      const id = await w.session('bob');
      const headers = { 'mcp-session-id': id };
      await w.get('/mcp', { who: 'bob', method: 'DELETE', headers });
      refused(await w.get('/mcp', { who: 'bob', method: 'DELETE', headers }));
      refused(await w.get('/mcp', { who: 'bob', headers: { ...headers, accept: 'text/event-stream' } }));
    },
  },
  {
    name: 'a progress token that is a megabyte, and an object',
    run: async (w) => {
      for (const progressToken of ['x'.repeat(1_000_000), { a: 1 }])
        await w.ask('bob', 'tools/call', { name: 'list_tasks', arguments: {}, progressToken });
    },
  },
  {
    name: 'SIGTERM while streams, pages, waits and downloads are open does not end the server',
    run: async (w) => {
      const other = await w.server({});
      const left = new AbortController();
      const { signal } = left;
      const headers = await other.login('alice');
      const open = [
        other.get('/events', { headers, signal }),
        other.get('/sse', { who: 'alice', signal }),
        other.get(`/scans/${w.large}/export/csv`, { headers, signal }),
      ];
      await Promise.all(open);
      const waiting = quietly(
        other.call('alice', 'wait_for_scan', { task_id: w.large, timeout_seconds: 60 }, { signal }),
      );
      const begun = performance.now();
      assert.equal(await other.stop('SIGTERM'), 0);
      assert.ok(performance.now() - begun < 10_000);
      left.abort();
      await waiting;
    },
  },
];
