import { readNessus } from '@nmcp/schema';
import type { ImportedReport } from '../scan.ts';
import { Refusal } from '../state/refusal.ts';

/** Reads a .nessus document that somebody imports. @throws {Refusal} 400 saying where it is damaged */
export async function readReport(bytes: Uint8Array): Promise<ImportedReport & { name: string }> {
  const report: ImportedReport & { name: string } = {
    name: 'Imported',
    xml: new TextDecoder().decode(bytes),
    hosts: [],
  };
  const byName = new Map<string, ImportedReport['hosts'][number]>();
  function hostOf(name: string): ImportedReport['hosts'][number] {
    const host = byName.get(name) ?? { name, findings: [] };
    byName.set(name, host);
    return host;
  }
  try {
    for await (const events of readNessus([bytes])) {
      for (const event of events) {
        if (event.type === 'report') report.name = event.name || report.name;
        else if (event.type === 'host') hostOf(event.host.name);
        else if (event.type === 'finding') {
          const { host, plugin_id, plugin_name, plugin_family, severity } = event.finding;
          hostOf(host).findings.push({
            id: Number(plugin_id),
            name: String(plugin_name),
            family: plugin_family ?? '',
            severity: Number(severity),
          });
        }
      }
    }
    report.hosts.push(...byName.values());
  } catch (error) {
    throw new Refusal(400, `The file cannot be imported: ${error instanceof Error ? error.message : error}`);
  }
  return report;
}
