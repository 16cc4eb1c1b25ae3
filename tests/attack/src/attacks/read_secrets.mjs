// Secrets: passwords, tokens, keys.
import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { assert, refused, until, without } from '../expect.mjs';
import { PLANTED } from '../world.mjs';

/** Every file below a folder. */
function* filesOf(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path);
    else if (entry.isFile()) yield path;
  }
}

async function fileHas(path, text) {
  let before = '';
  for await (const chunk of createReadStream(path, 'latin1')) {
    if ((before + chunk).includes(text)) return true;
    before = chunk.slice(-text.length);
  }
  return false;
}

const LOGIN = { scan_type: 'authenticated' };

export const attacks = [
  {
    name: 'a password of a scan, in answers, files, logs, keys, arguments of processes',
    run: async (w) => {
      const password = 'Typed-S3cret-7731';
      const args = {
        ...LOGIN,
        targets: '10.20.0.9',
        name: 'login',
        ssh_username: 'u',
        ssh_password: password,
      };
      const { json, text } = await w.call('mallory', 'run_authenticated_scan', args);
      without(text, password);
      await until(
        async () => {
          const status = await w.call('mallory', 'get_scan_status', { task_id: json.task_id });
          without(status.text, password);
          return ['completed', 'failed', 'canceled'].includes(status.json.status);
        },
        { ms: 60_000, what: 'the end of the scan' },
      );
      for (const path of filesOf(w.dataDir))
        assert.ok(!(await fileHas(path, password)), `the password is in ${path}`);
      for (const app of w.apps) without(app.errors(), password);
    },
  },
  {
    name: "an operator's password through its name",
    run: async (w) => {
      const args = { ...LOGIN, targets: '10.20.0.10', name: 'ref', credential_ref: 'linux' };
      const { json, text } = await w.call('mallory', 'run_authenticated_scan', args);
      without(text, PLANTED);
      const status = await w.call('mallory', 'get_scan_status', { task_id: json.task_id });
      without(status.text, PLANTED);
      for (const app of w.apps) without(app.errors(), PLANTED);
      await w.call('mallory', 'cancel_scan', { task_id: json.task_id });
    },
  },
  {
    name: 'a password in the error for wrong arguments',
    run: async (w) => {
      const secret = 'Wr0ng-place-5521';
      for (const args of [
        { targets: '10.20.0.9', name: 'n', ssh_password: secret },
        { targets: secret, name: 'n', ssh_password: secret, ssh_username: 'u' },
        { targets: '10.20.0.9', name: 'n', ssh_password: { value: secret }, ssh_username: 'u' },
        { targets: '10.20.0.9', name: 'n', ssh_pasword: secret },
      ]) {
        const answer = await w.call('mallory', 'run_authenticated_scan', { ...LOGIN, ...args });
        assert.ok(answer.isError);
        if (args.targets !== secret) without(answer.text, secret);
      }
      for (const app of w.apps) without(app.errors(), secret);
    },
  },
  {
    name: 'keys of the scanner in answers, metrics and logs',
    run: async (w) => {
      const secrets = [w.simulator.secretKey, w.simulator.accessKey];
      for (const name of ['list_scanners', 'list_pools', 'get_pool_status'])
        without((await w.call('root', name)).text, ...secrets);
      without(await (await w.get('/metrics', { who: 'root' })).text(), ...secrets);
      without(await (await w.get('/health')).text(), ...secrets);
      for (const app of w.apps) without(app.errors(), ...secrets);
    },
  },
  {
    name: 'tokens in logs and files',
    run: async (w) => {
      for (const token of Object.values(w.tokens)) {
        for (const app of w.apps) without(app.errors(), token);
        for (const name of ['.tokens.json', '.audit.jsonl'])
          without(readFileSync(join(w.dataDir, name), 'utf8'), token);
      }
    },
  },
  {
    name: 'a token in the address, in a cookie, or of another kind',
    run: async (w) => {
      const token = w.tokens.root;
      refused(await w.get(`/metrics?token=${token}&access_token=${token}`), [401]);
      refused(await w.get('/metrics', { headers: { cookie: `nmcp_session=${token}` } }), [401]);
      refused(await w.get('/metrics', { headers: { authorization: `Basic ${btoa(`x:${token}`)}` } }), [401]);
      refused(await w.get('/metrics', { headers: { authorization: token } }), [401]);
    },
  },
  {
    name: 'the cookie of the pages as a token of the API',
    run: async (w) => {
      const { cookie } = await w.login('root');
      const value = cookie.split('=')[1];
      refused(await w.get('/metrics', { who: value }), [401]);
      without(cookie, w.tokens.root);
      for (const path of filesOf(w.dataDir))
        if (statSync(path).size < 1_000_000) assert.ok(!(await fileHas(path, value)), path);
    },
  },
  {
    name: 'files of the data directory for other users of the machine',
    run: async (w) => {
      for (const path of filesOf(w.dataDir))
        assert.equal(
          statSync(path).mode & 0o077,
          0,
          `${path} is ${(statSync(path).mode & 0o777).toString(8)}`,
        );
    },
  },
  {
    name: 'secrets in the arguments and names of processes',
    run: async (w) => {
      for (const { child } of w.apps) {
        const line = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8');
        without(line, PLANTED, w.simulator.secretKey, ...Object.values(w.tokens));
      }
    },
  },
  {
    name: 'inside of the server by its errors',
    run: async (w) => {
      for (const path of [
        '/nope',
        '/scans/x',
        '/assets/../../package.json',
        '/mcp/x',
        '/.env',
        '/.git/config',
      ]) {
        const text = await (await w.get(path, { who: 'bob' })).text();
        without(text, w.dataDir, 'node_modules', '    at ');
      }
    },
  },
  {
    name: 'a scan list long enough to be cut from the audit log',
    run: async (w) => {
      const targets = Array.from({ length: 3500 }, (_, i) => `10.7.${i >> 8}.${i & 255}`).join(',');
      const { json } = await w.call('mallory', 'run_untrusted_scan', { targets, name: 'long' });
      const log = readFileSync(join(w.dataDir, '.audit.jsonl'), 'utf8');
      assert.ok(log.includes('10.7.0.0') && log.includes('10.7.13.171'));
      await w.call('mallory', 'cancel_scan', { task_id: json.task_id });
    },
  },
];
