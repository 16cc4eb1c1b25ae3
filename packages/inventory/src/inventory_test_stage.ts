import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildIndex, FindingsIndex } from '@nmcp/results';
import { tempFolder } from '@nmcp/test-support';
import { type Applied, type AppliedScan, applyScan } from './apply/apply_scan.ts';
import { reportOf } from './apply/scan_report.ts';
import type { InventoryStore } from './store/inventory_store.ts';

/** A finding of a written report. */
export interface WrittenFinding {
  plugin: number;
  port?: number;
  severity?: number;
  output?: string;
  /** Further elements of the ReportItem. */
  more?: string;
}

/** A report to be written. */
export interface WrittenScan {
  /** When it ended, in seconds since 1970. */
  at: number;
  /** Plugins that it was set to run; absent: it does not say. */
  plugins?: readonly number[];
  ports?: string;
  /** The report says when its hosts were scanned. @default true */
  hasTimes?: boolean;
  /** By host: whether the login worked, and what was found. */
  hosts: Readonly<
    Record<
      string,
      {
        login?: 'yes' | 'no';
        findings: readonly WrittenFinding[];
        properties?: string;
        /** It did not answer: the report has no time of its end. */
        isDead?: boolean;
      }
    >
  >;
}

/** A report as a scanner exports it. */
export function reportText({ at, plugins, ports, hasTimes = true, hosts }: WrittenScan): string {
  const preference = (name: string, value: string): string =>
    `<preference><name>${name}</name><value>${value}</value></preference>`;
  const set = plugins === undefined ? '' : preference('plugin_set', plugins.join(';'));
  const range = ports === undefined ? '' : preference('port_range', ports);
  const written = Object.entries(hosts).map(
    ([name, { login, findings, properties = '', isDead = false }]) => {
      const items = findings.map(
        ({ plugin, port = 0, severity = 2, output = '', more = '' }) =>
          `<ReportItem port="${port}" svc_name="www" protocol="tcp" severity="${severity}" pluginID="${plugin}" pluginName="Plugin ${plugin}" pluginFamily="General"><solution>Upgrade to Thing version ${plugin % 9}.1 or later.</solution>${more}<plugin_output>${output}</plugin_output></ReportItem>`,
      );
      const said = login === undefined ? '' : `<plugin_output>Credentialed checks : ${login}</plugin_output>`;
      const info = `<ReportItem port="0" svc_name="general" protocol="tcp" severity="0" pluginID="19506" pluginName="Nessus Scan Information" pluginFamily="Settings">${said}</ReportItem>`;
      const end = hasTimes && !isDead ? `<tag name="HOST_END_TIMESTAMP">${at}</tag>` : '';
      return `<ReportHost name="${name}"><HostProperties><tag name="host-ip">${name}</tag>${end}${properties}</HostProperties>${isDead ? '' : info}${items.join('')}</ReportHost>`;
    },
  );
  return `<NessusClientData_v2><Policy><policyName>P</policyName><Preferences><ServerPreferences>${set}${range}</ServerPreferences></Preferences></Policy><Report name="Weekly">${written.join('')}</Report></NessusClientData_v2>`;
}

/** Applies a written report, as a task of its own. */
export async function applyWritten(
  store: InventoryStore,
  scan: WrittenScan,
  applied: Partial<AppliedScan> & { taskId: string },
): Promise<Applied> {
  await using folder = await tempFolder();
  const path = join(folder.path, 'scan_native.nessus');
  await writeFile(path, reportText(scan));
  await buildIndex(path, join(folder.path, 'findings.db'));
  using index = FindingsIndex.open(join(folder.path, 'findings.db'), path);
  if (!index) throw new Error('The index cannot be opened');
  return await applyScan(store, reportOf(index), { pool: 'nessus', endedAt: scan.at * 1000, ...applied });
}
