// What belongs to others: their tasks, findings, sessions, streams, pools.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, refused, toolRefused, without } from '../expect.mjs';

/** Words of alice's findings. */
const HERS = ['HOST-OUTPUT-MARK', '10.0.0.66', 'Plugin 7', '10.20.0.1'];

const tool = (name, argsOf) => ({
  name: `another's task through ${name}`,
  run: async (w) => {
    const mine = await w.call('bob', name, argsOf(w.hostile));
    toolRefused(mine);
    without(mine.text, ...HERS);
    // it looks as one that there is not
    const none = await w.call('bob', name, argsOf('ne_scan_20250101_000000_aaaaaaaa'));
    assert.equal(
      mine.text.replaceAll(w.hostile, 'ID'),
      none.text.replaceAll('ne_scan_20250101_000000_aaaaaaaa', 'ID'),
    );
  },
});

const page = (what, pathOf) => ({
  name: `another's ${what} on the dashboard`,
  run: async (w) => {
    const headers = await w.login('bob');
    const answer = await w.get(pathOf(w), { headers });
    const text = await answer.text();
    if (answer.status !== 200) refused(answer);
    without(text, ...HERS);
  },
});

const LOGIN = { scan_type: 'authenticated' };

export const attacks = [
  tool('get_scan_status', (task_id) => ({ task_id })),
  tool('wait_for_scan', (task_id) => ({ task_id, timeout_seconds: 1 })),
  tool('cancel_scan', (task_id) => ({ task_id })),
  tool('get_scan_results', (task_id) => ({ task_id })),
  tool('get_scan_summary', (task_id) => ({ task_id })),
  tool('compare_scans', (task_id) => ({ earlier_task_id: task_id, later_task_id: task_id })),
  page('scan', (w) => `/scans/${w.hostile}`),
  page('finding', (w) => `/scans/${w.hostile}/hosts/10.0.0.66/plugins/9000`),
  page('export', (w) => `/scans/${w.hostile}/export/nessus`),
  page('comparison', (w) => `/scans/${w.hostile}/compare?with=${w.large}`),
  page('live changes', (w) => `/events?scan=${w.hostile}`),
  page('list of scans', () => '/scans'),
  page('overview', () => '/'),
  {
    name: "another's scan by the list, by text and by targets",
    run: async (w) => {
      for (const args of [{}, { targets: '10.0.0.66' }, { status: 'completed' }, { limit: 1000 }]) {
        const { text } = await w.call('bob', 'list_tasks', args);
        without(text, w.hostile, w.large, ...HERS);
      }
    },
  },
  ...['', '/summary', '/findings', '/results', '/hosts/10.0.0.66/findings'].map((part) => ({
    name: `another's scan as the resource nessus://scans/ID${part}`,
    run: async (w) => {
      const { text, json } = await w.ask('bob', 'resources/read', {
        uri: `nessus://scans/${w.hostile}${part}`,
      });
      assert.ok(json.error || json.result === undefined, text.slice(0, 200));
      without(text, 'HOST-OUTPUT-MARK', 'Plugin 7');
    },
  })),
  {
    name: "another's scans among the resources",
    run: async (w) => {
      const { text } = await w.ask('bob', 'resources/list');
      without(text, w.hostile, w.large);
    },
  },
  {
    name: "another's tasks and hosts by completion",
    run: async (w) => {
      const ref = { type: 'ref/resource', uri: 'nessus://scans/{task_id}' };
      for (const argument of [
        { name: 'task_id', value: '' },
        { name: 'host', value: '10.' },
      ]) {
        const context = { arguments: { task_id: w.hostile } };
        const { text } = await w.ask('bob', 'completion/complete', { ref, argument, context });
        without(text, w.hostile, w.large, '10.0.0.66');
      }
    },
  },
  {
    name: "changes of another's scan by subscription",
    run: async (w) => {
      const { text } = await w.ask('bob', 'subscriptions/listen', {
        notifications: { resourceSubscriptions: [`nessus://scans/${w.hostile}`] },
      });
      assert.match(text, /error/);
    },
  },
  ...[0, 1].map((server) => ({
    name: `another's session, at ${server === 0 ? 'its own' : 'another'} server`,
    run: async (w) => {
      const id = await w.session('alice');
      const headers = { 'mcp-session-id': id };
      const asked = {
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'list_tasks', arguments: {} },
      };
      const answer = await w.post('bob', asked, { headers, server });
      without(await answer.text(), w.hostile, w.large);
      refused(answer, [400, 401, 403, 404]);
      const stream = { ...headers, accept: 'text/event-stream' };
      refused(await w.get('/mcp', { who: 'bob', headers: stream, server }), [400, 403, 404]);
      refused(await w.get('/mcp', { who: 'bob', headers, server, method: 'DELETE' }), [400, 403, 404]);
    },
  })),
  {
    name: "another's session of the old transport",
    run: async (w) => {
      const left = new AbortController();
      const stream = await w.get('/sse', { who: 'alice', signal: left.signal });
      const { value } = await stream.body.getReader().read();
      const path = /data: (\S+)/.exec(new TextDecoder().decode(value))[1];
      refused(await w.post('bob', { jsonrpc: '2.0', id: 1, method: 'ping' }, { path }), [404]);
      left.abort();
    },
  },
  {
    name: 'a pool that is not the caller’s',
    run: async (w) => {
      toolRefused(
        await w.call('dmz', 'run_untrusted_scan', { targets: '10.0.0.1', name: 'n', scanner_pool: 'nessus' }),
        /not found|was not found|no pool/i,
      );
      const { text } = await w.call('dmz', 'list_scanners');
      without(text, '"s1"');
      const pools = await w.call('dmz', 'list_pools');
      without(pools.text, '"nessus"');
      for (const name of ['get_pool_status', 'get_queue_status']) {
        // it looks as one that there is not
        const [his, none] = await Promise.all(
          ['nessus', 'nessus_x'].map((scanner_pool) => w.call('dmz', name, { scanner_pool })),
        );
        const essence = ({ text }) =>
          text.replaceAll('nessus_x', 'nessus').replace(/"timestamp":"[^"]*"/, '');
        assert.equal(essence(his), essence(none));
      }
    },
  },
  {
    name: 'what scopes do not give: a reader that scans, cancels, imports',
    run: async (w) => {
      for (const [name, args] of [
        ['run_untrusted_scan', { targets: '10.0.0.1', name: 'n' }],
        ['run_authenticated_scan', { ...LOGIN, targets: '10.20.0.1', name: 'n', credential_ref: 'linux' }],
        ['cancel_scan', { task_id: w.hostile }],
        ['import_scan', { file: 'hostile.nessus' }],
      ])
        toolRefused(await w.call('reader', name, args));
    },
  },
  {
    name: 'credentials without their scope',
    run: async (w) => {
      const args = { ...LOGIN, targets: '10.20.0.1', name: 'n', credential_ref: 'linux' };
      toolRefused(await w.call('bob', 'run_authenticated_scan', args));
    },
  },
  {
    name: "an operator's login sent to a host of the attacker's",
    run: async (w) => {
      for (const targets of ['10.21.0.1', '10.20.0.1,10.21.0.1', '10.20.0.0-10.21.0.255', '10.0.0.0/11'])
        toolRefused(
          await w.call('mallory', 'run_authenticated_scan', {
            ...LOGIN,
            targets,
            name: 'n',
            credential_ref: 'linux',
          }),
          /linux|credential|hosts/i,
        );
    },
  },
  {
    name: 'a key of idempotency that another used',
    run: async (w) => {
      const args = { targets: '10.0.7.1', name: 'n', idempotency_key: 'weekly' };
      const hers = await w.call('alice', 'run_untrusted_scan', args);
      const his = await w.call('bob', 'run_untrusted_scan', args);
      assert.notEqual(his.json.task_id, hers.json.task_id);
      for (const [who, { json }] of [
        ['alice', hers],
        ['bob', his],
      ])
        await w.call(who, 'cancel_scan', { task_id: json.task_id });
    },
  },
  {
    name: 'approving one’s own scan that an operator has to approve',
    run: async (w) => {
      const { json } = await w.call('bob', 'run_untrusted_scan', { targets: '10.50.0.1', name: 'n' });
      assert.equal(json.status, 'queued');
      const headers = await w.login('bob');
      for (const path of [`/scans/${json.task_id}/approve`, `/scans/${json.task_id}/answer`]) {
        const body = new URLSearchParams({ answer: 'approve', run: 'true', form: 'x' });
        refused(await w.get(path, { headers, method: 'POST', body }), [303, 400, 403, 404]);
      }
      const after = await w.call('bob', 'get_scan_status', { task_id: json.task_id });
      assert.equal(after.json.status, 'queued');
      await w.call('bob', 'cancel_scan', { task_id: json.task_id });
    },
  },
  {
    name: 'dead letters of others, read and retried by who is no admin',
    run: async (w) => {
      const headers = await w.login('bob');
      refused(await w.get('/dead-letters', { headers }), [303, 403, 404]);
      const body = new URLSearchParams({ form: 'x' });
      refused(
        await w.get('/dead-letters/nessus/x/retry', { headers, method: 'POST', body }),
        [303, 403, 404],
      );
    },
  },
  {
    name: 'metrics without a scope, and without a token',
    run: async (w) => {
      refused(await w.get('/metrics'), [401, 403]);
    },
  },
  ...[
    ['an id that climbs', '../../../etc/passwd'],
    ['an id with a NUL', 'ne_scan_20250101_000000_aaaaaaaa\u0000'],
    ['an id of another folder', '.tokens.json'],
    ['an id in another notation', '..%2f..%2f.tokens.json'],
  ].map(([what, task_id]) => ({
    name: `a file of the server by ${what}`,
    run: async (w) => {
      for (const name of ['get_scan_status', 'get_scan_results'])
        toolRefused(await w.call('root', name, { task_id }));
      const headers = await w.login('root');
      const answer = await w.get(`/scans/${encodeURIComponent(task_id)}/export/nessus`, { headers });
      refused(answer, [400, 404]);
    },
  })),
  ...['../tasks/.tokens.json', '/etc/passwd', '..\\x', 'sub/../../x.nessus', '.', ''].map((file) => ({
    name: `importing a file of the server as ${JSON.stringify(file)}`,
    run: async (w) => {
      const answer = await w.call('alice', 'import_scan', { file });
      toolRefused(answer);
      without(answer.text, 'root:', w.importDir);
    },
  })),
  {
    name: 'importing through a link that leads out of the folder',
    run: async (w) => {
      const elsewhere = join(w.folder, 'elsewhere');
      mkdirSync(elsewhere, { recursive: true });
      writeFileSync(join(elsewhere, 'x.nessus'), '<NessusClientData_v2/>');
      symlinkSync(join(elsewhere, 'x.nessus'), join(w.importDir, 'link.nessus'));
      toolRefused(await w.call('alice', 'import_scan', { file: 'link.nessus' }));
    },
  },
  {
    name: 'importing what the policy does not let one scan',
    run: async (w) => {
      const host =
        '<ReportHost name="10.99.0.1"><HostProperties><tag name="host-ip">10.99.0.1</tag></HostProperties></ReportHost>';
      writeFileSync(
        join(w.importDir, 'denied.nessus'),
        `<NessusClientData_v2><Report name="r">${host}</Report></NessusClientData_v2>`,
      );
      toolRefused(await w.call('alice', 'import_scan', { file: 'denied.nessus' }), /polic|allow|denied/i);
    },
  },
  {
    name: "importing another's scan from the scanner, also after its task is gone",
    run: async (w) => {
      const { json } = await w.call('alice', 'run_untrusted_scan', { targets: '10.0.8.1', name: 'hers' });
      let status = {};
      for (let i = 0; i < 200 && status.nessus_scan_id == null; i++) {
        status = (await w.call('root', 'get_scan_status', { task_id: json.task_id })).json;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      const { text } = await w.call('bob', 'list_scanner_scans');
      without(text, 'hers');
      for (let id = 1; id < 20; id++) {
        const answer = await w.call('bob', 'import_scan', { nessus_scan_id: id });
        if (!answer.isError) without(answer.text, 'hers', '10.0.8.1');
      }
    },
  },
];
