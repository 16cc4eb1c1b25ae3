import {
  addAgentsToGroup,
  addAgentToGroup,
  changeAdvancedSettings,
  controlRunningScan,
  copyPolicy,
  createAgentGroup,
  createFolder,
  createPluginRule,
  createPolicy,
  deleteAgent,
  deleteAgentGroup,
  deleteAgentGroups,
  deleteAgents,
  deleteFolder,
  deleteManagedScanner,
  deletePluginRule,
  deletePluginRules,
  deletePolicies,
  deletePolicy,
  deleteScan,
  downloadToken,
  getAgent,
  getAgentGroup,
  getConfiguration,
  getLinkingKey,
  getMailSettings,
  getManagedScanner,
  getPermissions,
  getPluginRule,
  getPolicy,
  getProxySettings,
  getTokenStatus,
  importPolicy,
  iteratePlugins,
  linkManagedScanner,
  listAdvancedSettings,
  listAgents,
  listAwsTargets,
  listFolders,
  listPluginRules,
  listPolicies,
  listRunningScans,
  listTemplates,
  preparePolicyExport,
  removeAgentFromGroup,
  removeAgentsFromGroup,
  renameAgentGroup,
  renameFolder,
  restartServer,
  runScan,
  setMailSettings,
  setPermissions,
  setProxySettings,
  unlinkAgent,
  unlinkAgents,
  updateManagedScanner,
  updatePluginRule,
  updatePolicy,
  uploadFile,
} from '@nmcp/nessus-client';
import { assert, assertEqual, refusal } from './assert.ts';
import type { ContractCase } from './contract_case.ts';

/** What an administrator does beside scans. */
export const managementCases: readonly ContractCase[] = [
  {
    name: 'a folder is made, renamed and removed',
    async run({ client }) {
      const id = await createFolder(client, 'contract');
      await renameFolder(client, id, 'renamed');
      assertEqual((await listFolders(client)).find((folder) => folder.id === id)?.name, 'renamed', 'name');
      await deleteFolder(client, id);
      assertEqual((await refusal(() => deleteFolder(client, id))).code, 'not_found', 'a second removal');
      assertEqual((await refusal(() => deleteFolder(client, 3))).code, 'scanner_auth', 'removal of My Scans');
    },
  },
  {
    name: 'a policy is made, changed, copied, exported, imported and removed',
    async run({ client }) {
      const [template] = await listTemplates(client, 'policy');
      assert(template, 'a template');
      const content = { uuid: template.uuid, settings: { name: 'contract' } };
      const id = await createPolicy(client, content);
      await updatePolicy(client, id, { ...content, settings: { name: 'changed' } });
      assertEqual((await getPolicy(client, id)).settings, { name: 'changed', description: '' }, 'settings');
      assert(
        JSON.stringify(await getConfiguration(client, 'policy', id)).includes('changed'),
        'configuration',
      );
      const copy = await copyPolicy(client, id);
      const token = await preparePolicyExport(client, id);
      while ((await getTokenStatus(client, token)).status !== 'ready')
        await new Promise((resolve) => setTimeout(resolve, 5));
      const xml = await new Response(await downloadToken(client, token)).text();
      const imported = await importPolicy(
        client,
        await uploadFile(client, { name: 'p.xml', content: new Blob([xml]) }),
      );
      assertEqual(imported.name, 'changed', 'name of the import');
      assertEqual((await listPolicies(client)).length, 3, 'number of policies');
      await deletePolicy(client, id);
      assertEqual(await deletePolicies(client, [copy.id, imported.id]), [copy.id, imported.id], 'removed');
      const wrong = await refusal(() => createPolicy(client, { uuid: '', settings: { name: 'x' } }));
      assertEqual(wrong.code, 'invalid_input', 'a policy without a template');
    },
  },
  {
    name: 'a scanner is updated, linked and asked; a run on it is controlled',
    async run({ client }) {
      await updateManagedScanner(client, 2, { forcePluginUpdate: true });
      await linkManagedScanner(client, 2, false);
      assertEqual((await getManagedScanner(client, 2)).linked, 0, 'linked');
      await linkManagedScanner(client, 2, true);
      assert((await getLinkingKey(client, 1)).length > 0, 'a key');
      assertEqual(await listAwsTargets(client, 1), [], 'targets in AWS');
      assertEqual(
        (await refusal(() => deleteManagedScanner(client, 1))).httpStatus,
        400,
        'removal of itself',
      );
      const scan = await runScan(client, { targets: '192.0.2.0/24' });
      const [running] = await listRunningScans(client, 1);
      assert(running, 'a scan that runs');
      await controlRunningScan(client, 1, String(running.id), 'pause');
      assertEqual((await scan.look()).phase, 'paused', 'phase');
      await controlRunningScan(client, 1, String(running.id), 'stop');
      await deleteScan(client, scan.id);
    },
  },
  {
    name: 'agents are grouped, unlinked and removed',
    async run({ client }) {
      const agents = await listAgents(client);
      const [a, b, c, d] = agents.slice(-4);
      assert(a && b && c && d, 'four agents');
      const group = await createAgentGroup(client, 'contract');
      await renameAgentGroup(client, group.id, 'renamed');
      await addAgentToGroup(client, group.id, a.id);
      await addAgentsToGroup(client, group.id, [b.id, c.id]);
      const filled = await getAgentGroup(client, group.id);
      assertEqual([filled.name, filled.agents_count], ['renamed', 3], 'group');
      await removeAgentFromGroup(client, group.id, a.id);
      await removeAgentsFromGroup(client, group.id, [b.id, c.id]);
      assertEqual((await getAgentGroup(client, group.id)).agents_count, 0, 'agents left');
      const other = await createAgentGroup(client, 'other');
      await deleteAgentGroup(client, group.id);
      await deleteAgentGroups(client, [other.id]);
      await unlinkAgent(client, a.id);
      await unlinkAgents(client, [b.id]);
      assertEqual((await getAgent(client, a.id)).status, 'offline', 'status');
      await deleteAgent(client, c.id);
      await deleteAgents(client, [d.id]);
      assertEqual((await listAgents(client)).length, agents.length - 2, 'agents');
    },
  },
  {
    name: 'plugins are walked through; a rule is made, changed and removed',
    async run({ client }) {
      let plugins = 0;
      for await (const { family } of iteratePlugins(client)) plugins += family === '' ? 0 : 1;
      assert(plugins > 10, 'plugins');
      await createPluginRule(client, { pluginId: 19506, type: 'exclude', host: '192.0.2.1' });
      await createPluginRule(client, { pluginId: 11219, type: 'recast_info', until: 1_900_000_000 });
      const [first, second] = await listPluginRules(client);
      assert(first && second, 'two rules');
      await updatePluginRule(client, first.id, { pluginId: 19506, type: 'recast_low' });
      assertEqual((await getPluginRule(client, first.id)).type, 'recast_low', 'type');
      await deletePluginRule(client, first.id);
      await deletePluginRules(client, [second.id]);
      assertEqual(await listPluginRules(client), [], 'rules');
    },
  },
  {
    name: 'settings, mail, proxy and permissions are changed',
    async run({ client }) {
      await changeAdvancedSettings(client, [{ action: 'add', name: 'contract', value: 'a' }]);
      const find = async (): Promise<
        { id?: string | null | undefined; value?: string | null | undefined } | undefined
      > => (await listAdvancedSettings(client)).find((setting) => setting.name === 'contract');
      const made = await find();
      assertEqual(made?.value, 'a', 'value');
      const id = made?.id ?? '';
      await changeAdvancedSettings(client, [{ action: 'edit', name: 'contract', value: 'b', id }]);
      assertEqual((await find())?.value, 'b', 'value');
      await changeAdvancedSettings(client, [{ action: 'remove', name: 'contract', id }]);
      assertEqual(await find(), undefined, 'setting');
      await setMailSettings(client, { smtp_host: 'mail.example.test', smtp_pass: 'secret' });
      const mail = await getMailSettings(client);
      assertEqual(
        [mail.smtp_host, JSON.stringify(mail).includes('secret')],
        ['mail.example.test', false],
        'mail',
      );
      await setProxySettings(client, { proxy: 'proxy.example.test', proxy_port: 3128 });
      assertEqual((await getProxySettings(client)).proxy, 'proxy.example.test', 'proxy');
      await setPermissions(client, 'scanner', 1, [{ type: 'default', permissions: 32 }]);
      assertEqual((await getPermissions(client, 'scanner', 1))[0]?.permissions, 32, 'permissions');
    },
  },
  {
    name: 'the server is restarted',
    run: ({ client }) => restartServer(client, { reason: 'contract', soft: true }),
  },
];
