// The calls of nessus_rest for Ruby, in its form: forms for logins and users, no body for a launch.
// Usage: node calls_of_ruby_client.mjs URL USERNAME PASSWORD
import assert from 'node:assert/strict';
import { makeCall, runSteps, until } from './make_call.mjs';

const [base, username, password] = process.argv.slice(2);
let header = {};
let [user, scan, host] = [];

async function call(method, path, { form, json } = {}) {
  const body = form ? new URLSearchParams(form).toString() : json && JSON.stringify(json);
  const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
  const headers = { ...header, ...(body ? { 'content-type': type } : {}) };
  const answer = await makeCall(base + path, { method, headers, body });
  assert.equal(answer.status, 200, answer.text);
  return answer;
}
const get = async (path) => (await call('GET', path)).json;

const passed = await runSteps({
  async authenticate() {
    const form = { username, password, json: 1, authenticationmethod: true };
    header = { 'x-cookie': `token=${(await call('POST', '/session', { form })).json.token}` };
  },
  async is_admin() {
    assert.equal((await get('/session')).permissions, 128);
  },
  async 'server_properties and server_status'() {
    assert.ok((await get('/server/properties')).server_version);
    assert.equal((await get('/server/status')).status, 'ready');
  },
  async user_add() {
    const form = { username: 'msf', password: 'first', permissions: '16', type: 'local', json: 1 };
    user = (await call('POST', '/users', { form })).json;
    assert.equal(user.permissions, 16);
  },
  async user_chpasswd() {
    await call('PUT', `/users/${user.id}/chpasswd`, { form: { password: 'second', json: 1 } });
    const form = { username: 'msf', password: 'second', json: 1 };
    assert.ok((await call('POST', '/session', { form })).json.token);
  },
  async user_delete() {
    await call('DELETE', `/users/${user.id}`);
  },
  async 'lists of everything'() {
    for (const path of ['/users', '/folders', '/scanners', '/plugins/families', '/policies', '/scans'])
      assert.ok(await get(path));
    const [{ id }] = (await get('/plugins/families')).families;
    const [plugin] = (await get(`/plugins/families/${id}`)).plugins;
    assert.equal((await get(`/plugins/plugin/${plugin.id}`)).id, plugin.id);
  },
  async scan_quick_template() {
    const { uuid } = (await get('/editor/scan/templates')).templates.find(({ name }) => name === 'basic');
    const settings = {
      ...(await get(`/editor/scan/templates/${uuid}`)),
      enabled: false,
      launch: 'ONETIME',
      launch_now: true,
      description: 'Created with nessus_rest',
      name: 'of ruby',
      text_targets: '192.0.2.0/28',
    };
    scan = (await call('POST', '/scans', { json: { uuid, settings, json: 1 } })).json.scan.id;
  },
  async 'scan_pause and scan_resume'() {
    await call('POST', `/scans/${scan}/pause`);
    assert.equal((await get(`/scans/${scan}`)).info.status, 'paused');
    await call('POST', `/scans/${scan}/resume`);
  },
  async scan_wait4finish() {
    await until(async () => (await get(`/scans/${scan}`)).info.status === 'completed');
  },
  async host_detail() {
    [host] = (await get(`/scans/${scan}`)).hosts;
    assert.ok((await get(`/scans/${scan}/hosts/${host.host_id}`)).vulnerabilities.length > 5);
  },
  async report_download() {
    for (const format of ['csv', 'nessus']) {
      const { file } = (await call('POST', `/scans/${scan}/export`, { json: { format } })).json;
      const path = `/scans/${scan}/export/${file}`;
      await until(async () => (await get(`${path}/status`)).status === 'ready');
      assert.ok((await call('GET', `${path}/download`)).text.includes(host.hostname));
    }
  },
  async 'scan_launch and scan_stop, without a body'() {
    await call('POST', `/scans/${scan}/launch`);
    await call('POST', `/scans/${scan}/stop`);
  },
  async scan_quick_policy() {
    const { uuid } = (await get('/editor/policy/templates')).templates.find(
      ({ name }) => name === 'advanced',
    );
    await call('POST', '/policies', { json: { uuid, settings: { name: 'of msf' } } });
    const policy = (await get('/policies')).policies.find(({ name }) => name === 'of msf');
    const settings = { name: 'by policy', policy_id: policy.id, text_targets: '192.0.2.9', enabled: false };
    const made = await call('POST', '/scans', { json: { uuid: policy.template_uuid, settings, json: 1 } });
    await call('DELETE', `/scans/${made.json.scan.id}`);
    await call('DELETE', `/policies/${policy.id}`);
  },
  async 'scan_delete and user_logout'() {
    await call('DELETE', `/scans/${scan}`);
    await call('DELETE', '/session');
  },
});
process.exitCode = passed ? 0 : 1;
