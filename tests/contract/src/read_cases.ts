import {
  exportScan,
  getConfiguration,
  getHealthStats,
  getMailSettings,
  getManagedScanner,
  getPlugin,
  getPluginFamily,
  getProxySettings,
  getScan,
  getScanHost,
  getScanList,
  getServerProperties,
  getServerStatus,
  getSession,
  getTemplate,
  iterateAgents,
  listAdvancedSettings,
  listAgentGroups,
  listAgents,
  listExportFormats,
  listFolders,
  listGroups,
  listHealthAlerts,
  listManagedScanners,
  listPluginFamilies,
  listPluginRules,
  listPolicies,
  listRunningScans,
  listScans,
  listTemplates,
  listTimeZones,
  listUsers,
  scanApiAvailable,
  waitUntilReady,
} from '@nmcp/nessus-client';
import { assert, assertEqual, refusal } from './assert.ts';
import type { CaseContext, ContractCase } from './contract_case.ts';

const reads = (name: string, run: (context: CaseContext) => Promise<void>): ContractCase => ({
  name,
  readOnly: true,
  run,
});

/** Reading alone: these may run against a real scanner. */
export const readCases: readonly ContractCase[] = [
  reads('server: status, properties and the scan API', async ({ client }) => {
    await waitUntilReady(client);
    assertEqual((await getServerStatus(client)).status, 'ready', 'status');
    const properties = await getServerProperties(client);
    assert(properties.server_version, 'a version');
    const said = await scanApiAvailable(client);
    assert(said === undefined || typeof said === 'boolean', 'whether there is a scan API');
  }),
  reads('session: who I am', async ({ client }) => {
    assert(typeof (await getSession(client)).username === 'string', 'a user name');
  }),
  reads('editor: templates of scans and policies', async ({ client }) => {
    for (const kind of ['scan', 'policy'] as const) {
      const [template] = await listTemplates(client, kind);
      assert(template, `a template of a ${kind}`);
      assert(typeof (await getTemplate(client, kind, template.uuid)) === 'object', 'its fields');
    }
  }),
  reads('scans: list, folders and the time to ask for changes since', async ({ client }) => {
    const { folders, scans, timestamp } = await getScanList(client);
    assert(folders.length > 0, 'folders');
    assert(typeof timestamp === 'number', 'a time');
    assertEqual((await listScans(client)).length, scans.length, 'number of scans');
    assertEqual(
      await listScans(client, { modifiedSince: timestamp + 1_000_000 }),
      [],
      'changes from later on',
    );
    for (const scan of scans.slice(0, 3)) {
      assertEqual((await getScan(client, scan.id)).info.name, scan.name, 'name of a scan');
      assert(typeof (await getConfiguration(client, 'scan', scan.id)) === 'object', 'its configuration');
    }
  }),
  reads('scans: hosts, formats and export of a finished one', async ({ client }) => {
    const scans = await listScans(client);
    const finished = scans.find((scan) => scan.status === 'completed' || scan.status === 'imported');
    if (!finished) return; // a scanner may have none
    const [host] = (await getScan(client, finished.id)).hosts ?? [];
    if (host) assert((await getScanHost(client, finished.id, host.host_id)).info, 'properties of a host');
    assert((await listExportFormats(client, finished.id)).includes('nessus'), 'the format nessus');
    const reader = (await exportScan(client, finished.id)).getReader();
    const { value } = await reader.read();
    await reader.cancel();
    assert(new TextDecoder().decode(value?.subarray(0, 200)).includes('<NessusClientData_v2'), 'a document');
  }),
  reads('scans: one that does not exist', async ({ client }) => {
    const { code, httpStatus } = await refusal(() => getScan(client, 999_999_999));
    assertEqual([code, httpStatus], ['not_found', 404], 'refusal');
  }),
  reads('folders, policies, time zones', async ({ client }) => {
    assert((await listFolders(client)).length > 0, 'folders');
    assert(Array.isArray(await listPolicies(client)), 'policies');
    assert((await listTimeZones(client)).length > 0, 'time zones');
  }),
  reads('scanners: list, details, what runs', async ({ client }) => {
    const [scanner] = await listManagedScanners(client);
    assert(scanner, 'a scanner');
    assertEqual((await getManagedScanner(client, scanner.id)).id, scanner.id, 'id of a scanner');
    assert(Array.isArray(await listRunningScans(client, scanner.id)), 'scans that run');
  }),
  reads('agents and their groups', async ({ client }) => {
    const agents = await listAgents(client, { limit: 10 });
    assert(agents.length <= 10, 'at most ten agents');
    let count = 0;
    for await (const _ of iterateAgents(client, { pageSize: 10 })) if (++count > 30) break;
    assert(count >= agents.length, 'all agents');
    assert(Array.isArray(await listAgentGroups(client)), 'groups');
  }),
  reads('plugins: families, one family, one plugin', async ({ client }) => {
    const [family] = await listPluginFamilies(client);
    assert(family, 'a family');
    const [plugin] = (await getPluginFamily(client, family.id)).plugins;
    if (plugin) assertEqual((await getPlugin(client, plugin.id)).id, plugin.id, 'id of a plugin');
    assert(Array.isArray(await listPluginRules(client)), 'rules');
  }),
  reads('users and groups', async ({ client }) => {
    assert((await listUsers(client)).length > 0, 'users');
    assert(Array.isArray(await listGroups(client)), 'groups');
  }),
  reads('settings, health, mail and proxy', async ({ client }) => {
    assert((await listAdvancedSettings(client)).length > 0, 'settings');
    assert(typeof (await getHealthStats(client)) === 'object', 'health');
    assert(Array.isArray(await listHealthAlerts(client)), 'alerts');
    assert(typeof (await getMailSettings(client)) === 'object', 'mail');
    assert(typeof (await getProxySettings(client)) === 'object', 'proxy');
  }),
];
