// The calls of Tenable's nessrest for Python, in its order and its form: a JSON body with every call, ids as text, targets
// line by line, a slash before the query. Usage: node calls_of_nessrest.mjs URL USERNAME PASSWORD
import assert from 'node:assert/strict';
import { makeCall, runSteps, until } from './make_call.mjs';

const [base, username, password] = process.argv.slice(2);
let token = '';
let [policy, folder, scanner, scan, run, template] = [];
let families = {};

async function action(path, method = 'GET', extra = {}) {
  const headers = {
    'x-cookie': `token=${token}`,
    'content-type': 'application/json',
    accept: 'text/plain',
  };
  const answer = await makeCall(`${base}/${path}`, { method, headers, body: JSON.stringify(extra) });
  assert.equal(answer.status, 200, answer.text);
  return answer;
}

const put = (extra) => action(`policies/${policy}`, 'PUT', extra);
const uuidOf = async (kind, name) =>
  (await action(`editor/${kind}/templates`)).json.templates.find((each) => each.name === name).uuid;

const passed = await runSteps({
  async login() {
    token = (await action('session', 'POST', { username, password })).json.token;
  },
  async permissions() {
    assert.equal((await action('session')).json.permissions, 128);
  },
  async 'scanner id and versions'() {
    const local = (await action('scanners')).json.scanners.find(({ type }) => type === 'local');
    scanner = local.id;
    assert.ok(local.loaded_plugin_set && local.ui_version && local.engine_version && local.license.type);
  },
  async policy_add() {
    const uuid = await uuidOf('policy', 'advanced');
    const { json } = await action('policies', 'POST', { settings: { name: 'of nessrest' }, uuid });
    policy = json.policy_id;
    assert.equal(json.policy_name, 'of nessrest');
  },
  async policy_add_creds() {
    const SSH = [{ auth_method: 'password', username: 'root', password: 'secret' }];
    await put({ credentials: { add: { Host: { SSH } } } });
  },
  async policy_set_settings() {
    await put({ settings: { safe_checks: 'yes', scan_webapps: 'no', max_checks_per_host: '5' } });
  },
  async plugins_info() {
    const { attributes } = (await action('plugins/plugin/19506')).json;
    assert.ok(attributes.some(({ attribute_name: name }) => name === 'fname'));
  },
  async 'enable_plugins: all families off'() {
    const { plugins } = (await action(`editor/policy/${policy}`)).json;
    families = Object.fromEntries(
      Object.keys(plugins.families).map((name) => [name, { status: 'disabled' }]),
    );
    assert.ok(Object.keys(families).length > 3);
    await put({ plugins: families });
  },
  async 'enable_plugins: one on'() {
    const query = 'filter.search_type=and&filter.0.filter=plugin_id&filter.0.quality=eq&filter.0.value=19506';
    const found = (await action(`editor/policy/${policy}/families?${query}`)).json.families;
    const [[name, { id }]] = Object.entries(found);
    const { plugins } = (await action(`editor/policy/${policy}/families/${id}`)).json;
    const individual = Object.fromEntries(
      plugins.map((plugin) => [String(plugin.id), Number(plugin.id) === 19506 ? 'enabled' : 'disabled']),
    );
    await put({ plugins: { ...families, [name]: { status: 'mixed', individual } } });
  },
  async policy_add_ports() {
    const { settings } = (await action(`editor/policy/${policy}`)).json;
    const { sections } = settings.discovery.groups.find(({ name }) => name === 'network_discovery');
    const before = sections.flatMap(({ inputs }) => inputs).find(({ id }) => id === 'portscan_range').default;
    await put({ settings: { portscan_range: `${before},8834` } });
  },
  async remove_audits() {
    assert.ok(Array.isArray((await action(`editor/policy/${policy}`)).json.compliance.data));
  },
  async policy_copy() {
    const { id } = (await action(`policies/${policy}/copy`, 'POST')).json;
    await action(`policies/${id}`, 'PUT', { settings: { name: 'a copy' } });
    const named = (await action('policies')).json.policies.find((each) => each.name === 'a copy');
    assert.equal(named.id, id);
    await action(`policies/${id}`, 'DELETE');
  },
  async scan_tag() {
    folder = (await action('folders', 'POST', { name: 'CLI' })).json.id;
    assert.ok((await action('folders')).json.folders.some(({ id }) => id === folder));
  },
  async scan_add() {
    template = await uuidOf('scan', 'custom');
    const settings = {
      launch: 'ON_DEMAND',
      description: 'Created with REST API',
      file_targets: '',
      filters: [],
      emails: '',
      filter_type: '',
      scanner_id: String(scanner),
      name: 'of nessrest',
      policy_id: policy,
      folder_id: String(folder),
      text_targets: '192.0.2.1\n192.0.2.2\n192.0.2.3',
    };
    scan = (await action('scans', 'POST', { uuid: template, settings })).json.scan.id;
  },
  async scan_update_targets() {
    const settings = {
      name: 'of nessrest',
      policy_id: policy,
      folder_id: folder,
      text_targets: '192.0.2.0/28',
    };
    await action(`scans/${scan}`, 'PUT', { settings });
  },
  async scan_run() {
    run = (await action(`scans/${scan}/launch`, 'POST')).json.scan_uuid;
  },
  async scan_status() {
    await until(async () => {
      const { scans } = (await action(`scans?folder_id=${folder}`)).json;
      return scans.find(({ uuid }) => uuid === run).status === 'completed';
    });
  },
  async scan_list_from_folder() {
    assert.equal((await action(`scans/?folder_id=${folder}`)).json.scans.length, 1);
  },
  async 'scan_results and audit trails'() {
    const { hosts } = (await action(`scans/${scan}`)).json;
    assert.ok(hosts.length > 5);
    for (const { host_id, hostname } of hosts) {
      const { outputs } = (await action(`scans/${scan}/hosts/${host_id}/plugins/19506`)).json;
      assert.ok(outputs[0].plugin_output);
      const trail = `scans/${scan}/trails/?plugin_id=19506&hostname=${hostname}`;
      assert.deepEqual((await action(trail)).json, { trails: [] });
    }
  },
  async download_kbs() {
    const [{ host_id }] = (await action(`scans/${scan}`)).json.hosts;
    assert.match((await action(`scans/${scan}/hosts/${host_id}/kb?token=${token}`)).text, /Host\/OS=/);
  },
  async download_scan() {
    const { file } = (await action(`scans/${scan}/export`, 'POST', { format: 'nessus' })).json;
    const path = `scans/${scan}/export/${file}`;
    await until(async () => (await action(`${path}/status`)).json.status === 'ready');
    assert.match((await action(`${path}/download`)).text, /<ReportHost name="192\.0\.2\.\d+">/);
  },
  async 'scan_delete, policy_delete, logout'() {
    await action(`scans/${scan}`, 'DELETE');
    await action(`policies/${policy}`, 'DELETE');
    await action('session', 'DELETE');
  },
});
process.exitCode = passed ? 0 : 1;
