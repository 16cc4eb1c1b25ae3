import {
  attachScan,
  copyScan,
  createScan,
  credentialSet,
  deleteScan,
  deleteScanHistory,
  deleteScans,
  downloadAttachment,
  downloadExport,
  downloadToken,
  exportScan,
  findScanByMarker,
  forceStopScan,
  getConfiguration,
  getExportStatus,
  getHostPlugin,
  getScan,
  getScanPlugin,
  getTokenStatus,
  importScan,
  iterateFindings,
  killScan,
  launchScan,
  listExportFormats,
  listTemplates,
  markScanRead,
  type NessusClient,
  pauseScan,
  requestExport,
  resumeScan,
  runScan,
  scanProgress,
  scheduleScan,
  stopScan,
  updateScan,
  uploadFile,
} from '@nmcp/nessus-client';
import { assert, assertEqual, refusal } from './assert.ts';
import type { ContractCase } from './contract_case.ts';

const TARGETS = '192.0.2.0/28';

async function newScan(client: NessusClient, name = 'contract', description = ''): Promise<number> {
  const [template] = await listTemplates(client, 'scan');
  assert(template, 'a template');
  return await createScan(client, {
    uuid: template.uuid,
    settings: { name, text_targets: TARGETS, description },
  });
}

async function finishedScan(client: NessusClient): Promise<number> {
  const scan = await runScan(client, { targets: TARGETS, name: 'contract' });
  await scan.finished({ firstPollMs: 5, maxPollMs: 20 });
  return scan.id;
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream).text();
}

async function ready(client: NessusClient, ticket: Parameters<typeof getExportStatus>[1]): Promise<void> {
  while ((await getExportStatus(client, ticket)) !== 'ready')
    await new Promise((resolve) => setTimeout(resolve, 5));
}

const statusOf = async (client: NessusClient, id: number): Promise<string> =>
  (await getScan(client, id)).info.status;

/** Scans and their files. */
export const scanCases: readonly ContractCase[] = [
  {
    name: 'runScan: created, launched, watched, exported',
    async run({ client }) {
      const scan = await runScan(client, {
        targets: TARGETS,
        name: 'contract',
        logins: {
          ssh: [{ auth: 'password', username: 'root', password: 'x' }],
          windows: [{ auth: 'Password', username: 'audit', password: 'x' }],
        },
      });
      let last = '';
      for await (const { status } of scan.watch({ firstPollMs: 5, maxPollMs: 20 })) last = status;
      assertEqual(last, 'completed', 'last status');
      const hashed: number[] = [];
      let told = 0;
      const text = await textOf(
        await scan.export({
          firstWaitMs: 5,
          hash: { update: (bytes) => hashed.push(bytes.length) },
          onProgress: (received) => {
            told = received;
          },
        }),
      );
      assert(text.endsWith('</NessusClientData_v2>\n'), 'a whole document');
      assert(text.includes('yes, as &apos;root&apos; via ssh'), 'a host that SSH opened');
      assert(text.includes('yes, as &apos;audit&apos; via smb'), 'a host that SMB opened');
      const size = new TextEncoder().encode(text).length;
      assertEqual([hashed.reduce((sum, n) => sum + n, 0), told], [size, size], 'bytes hashed and told');
      await deleteScan(client, scan.id);
      assertEqual((await refusal(() => scan.look())).code, 'not_found', 'refusal');
    },
  },
  {
    name: 'a scan is created, changed, copied, marked, scheduled and removed',
    async run({ client }) {
      const id = await newScan(client, 'contract', 'x [mark-1]');
      assertEqual(
        await findScanByMarker(client, { marker: 'mark-1', name: 'contract' }),
        id,
        'found by its mark',
      );
      await updateScan(client, id, {
        settings: { name: 'changed', text_targets: '192.0.2.7' },
        credentials: credentialSet({ ssh: [{ auth: 'public key', username: 'root', privateKey: 'key' }] }),
      });
      const { info } = await getScan(client, id);
      assertEqual(
        [info.name, info.targets, info.status],
        ['changed', '192.0.2.7', 'empty'],
        'after the change',
      );
      assert(
        JSON.stringify(await getConfiguration(client, 'scan', id)).includes('changed'),
        'its configuration',
      );
      await markScanRead(client, id, false);
      assertEqual((await scheduleScan(client, id, true)).enabled, true, 'schedule');
      const copy = await copyScan(client, id, { name: 'copy' });
      assertEqual(copy.name, 'copy', 'name of the copy');
      assertEqual(await deleteScans(client, [id, copy.id]), [id, copy.id], 'removed');
    },
  },
  {
    name: 'a run is paused, resumed, stopped; runs have a history',
    async run({ client }) {
      const id = await newScan(client);
      const uuid = await launchScan(client, id);
      await pauseScan(client, id);
      assertEqual(await statusOf(client, id), 'paused', 'status');
      await resumeScan(client, id);
      assertEqual((await refusal(() => launchScan(client, id))).httpStatus, 409, 'a second launch');
      assertEqual((await refusal(() => deleteScan(client, id))).httpStatus, 409, 'removal of what runs');
      assertEqual((await refusal(() => exportScan(client, id))).httpStatus, 409, 'export of what runs');
      await stopScan(client, id);
      assertEqual(await statusOf(client, id), 'canceled', 'status');
      assertEqual((await refusal(() => stopScan(client, id))).httpStatus, 409, 'a second stop');
      await launchScan(client, id, { altTargets: ['192.0.2.1', '192.0.2.2'] });
      await killScan(client, id);
      await launchScan(client, id);
      await forceStopScan(client, id);
      const { history } = await getScan(client, id);
      assertEqual([history?.length, history?.[0]?.uuid], [3, uuid], 'history');
      const historyId = history?.[0]?.history_id ?? 0;
      assertEqual((await getScan(client, id, { historyId })).info.uuid, uuid, 'the first run');
      await deleteScanHistory(client, id, historyId);
      assertEqual((await getScan(client, id)).history?.length, 2, 'history after a removal');
      await deleteScan(client, id);
    },
  },
  {
    name: 'a finished scan is read host by host and plugin by plugin',
    async run({ client }) {
      const id = await finishedScan(client);
      const details = await getScan(client, id);
      assertEqual(scanProgress(details), 100, 'progress');
      assert((details.vulnerabilities?.length ?? 0) > 5, 'findings');
      let count = 0;
      let first: { host: number; plugin: number } | undefined;
      for await (const { plugin_id, host } of iterateFindings(client, id)) {
        first ??= { host: host.host_id, plugin: plugin_id };
        count++;
      }
      assert(first && count > 20, 'findings of hosts');
      const onHost = await getHostPlugin(client, id, first.host, first.plugin);
      const onAll = await getScanPlugin(client, id, first.plugin);
      assert(onHost.outputs.length === 1 && onAll.outputs.length >= 1, 'outputs of a plugin');
      const attached = /<attachment [^>]*>(\w+)</.exec(
        await textOf(await exportScan(client, id, { firstWaitMs: 5 })),
      );
      if (attached?.[1]) {
        const file = await downloadAttachment(client, id, { id: 1, key: attached[1] });
        assert((await textOf(file)).length > 0, 'an attachment');
      }
      await deleteScan(client, id);
    },
  },
  {
    name: 'a scan is exported in every format, the new way and the old',
    async run({ client }) {
      const id = await finishedScan(client);
      assert((await listExportFormats(client, id)).includes('csv'), 'the format csv');
      for (const format of ['csv', 'html', 'pdf'] as const)
        assert((await textOf(await exportScan(client, id, { format, firstWaitMs: 5 }))).length > 10, format);
      assertEqual(
        (await refusal(() => requestExport(client, id, { format: 'db' }))).httpStatus,
        400,
        'db without password',
      );
      assert(
        (await textOf(await exportScan(client, id, { format: 'db', password: 'x', firstWaitMs: 5 }))).length >
          0,
        'db',
      );
      const ticket = await requestExport(client, id);
      await ready(client, ticket);
      const old = { scanId: id, file: ticket.file };
      await ready(client, old);
      assertEqual((await getTokenStatus(client, ticket.token ?? '')).status, 'ready', 'status of the token');
      const [a, b, c] = [
        await textOf(await downloadExport(client, ticket)),
        await textOf(await downloadExport(client, old)),
        await textOf(await downloadToken(client, ticket.token ?? '')),
      ];
      assert(a === b && b === c, 'the same file by all ways');
      await deleteScan(client, id);
    },
  },
  {
    name: 'a document is uploaded as a blob and as a stream, imported, attached to and exported again',
    async run({ client }) {
      const xml = `<?xml version="1.0" ?>\n<NessusClientData_v2><Report name="from elsewhere"><ReportHost name="10.0.0.1"><HostProperties/><ReportItem port="22" svc_name="ssh" protocol="tcp" severity="2" pluginID="10267" pluginName="SSH" pluginFamily="Misc."></ReportItem></ReportHost></Report></NessusClientData_v2>\n`;
      const uploads = [new Blob([xml]), new Blob([xml]).stream()];
      for (const content of uploads) {
        const file = await uploadFile(client, { name: 'import.nessus', content });
        const imported = await importScan(client, file);
        const scan = attachScan(client, imported.id);
        assertEqual((await scan.look()).phase, 'completed', 'phase');
        assertEqual((await getScan(client, scan.id)).hosts?.[0]?.hostname, '10.0.0.1', 'host');
        assertEqual(await textOf(await scan.export({ firstWaitMs: 5 })), xml, 'the document again');
        await deleteScan(client, scan.id);
      }
      assertEqual(
        (await refusal(() => importScan(client, 'no-such-file'))).code,
        'not_found',
        'no such upload',
      );
    },
  },
];
