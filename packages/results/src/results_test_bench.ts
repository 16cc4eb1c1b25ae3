import { writeFile } from 'node:fs/promises';
import { tempFolder } from '@nmcp/test-support';

/** A finding, by what tells it from others. */
export interface Item {
  host: number;
  plugin: number;
  port: number;
  output: string | undefined;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Plugins whose findings tell of the login, by their number here. */
const LOGIN_PLUGINS: Readonly<Record<number, [number, string]>> = {
  13: [19506, "Credentialed checks : yes, as 'x' via ssh"],
  14: [104410, 'refused'],
};

function itemXml({ plugin: number, port, output: given }: Item): string {
  const [plugin, output] = LOGIN_PLUGINS[number] ?? [number, given];
  const cves = plugin % 3 === 0 ? '' : `<cve>CVE-20${10 + plugin}-1</cve><cve>CVE-2021-${plugin}</cve>`;
  const score = plugin % 4 === 0 ? '' : `<cvss3_base_score>${(plugin % 10) + 0.5}</cvss3_base_score>`;
  const long =
    plugin % 5 === 0
      ? `<description>${'long text '.repeat(30)}${plugin}</description>`
      : '<description>short</description>';
  const date =
    plugin % 2 === 0
      ? ''
      : `<vuln_publication_date>20${10 + plugin}/03/1${plugin % 9}</vuln_publication_date>`;
  const said = output === undefined ? '' : `<plugin_output>${escapeXml(output)}</plugin_output>`;
  return `<ReportItem port="${port}" svc_name="www" protocol="tcp" severity="${plugin % 5}" pluginID="${plugin > 100 ? plugin : 100 + plugin}" pluginName="Plugin &amp; ${plugin}" pluginFamily="F${plugin % 3}">\n${long}${cves}${score}${date}<exploit_available>${plugin % 2 === 0}</exploit_available>\n${said}</ReportItem>\n`;
}

/** What a report says of a host, more of some than of others. */
function propertiesOf(host: number): string {
  const properties: [string, string, number][] = [
    ['HOST_START_TIMESTAMP', String(1_700_000_000 + host), 0],
    ['HOST_END', `Tue Nov 24 11:0${host}:00 2026`, 0],
    ['host-ip', `10.0.0.${host}`, 1],
    ['host-fqdn', `h${host}.example.org`, 2],
    ['operating-system', host % 2 === 0 ? 'Linux Kernel 6.1' : 'Windows 10\nWindows 11', 1],
    ['netbios-name', 'NAME', 3],
    ['mac-address', '00:00:5E:00:53:01\n00:00:5E:00:53:02', 2],
    ['Credentialed_Scan', 'true', 4],
  ];
  const stated = properties.filter(([, , from]) => host >= from);
  return stated.map(([name, text]) => `<tag name="${name}">${text}</tag>`).join('');
}

/** An export with these findings. */
export function documentOf(items: readonly Item[]): string {
  const hosts = [...new Set(items.map(({ host }) => host))];
  const body = hosts.map(
    (host) =>
      `<ReportHost name="${host === 4 ? 'web' : `10.0.0.${host}`}"><HostProperties>${propertiesOf(host)}</HostProperties>\n${items
        .filter((item) => item.host === host)
        .map(itemXml)
        .join('')}</ReportHost>\n`,
  );
  return `<?xml version="1.0"?>\n<NessusClientData_v2><Policy><policyName>P</policyName></Policy><Report name="R">\n${body.join('')}</Report></NessusClientData_v2>\n`;
}

/** The lines of an answer, or what it failed with. */
export async function linesOf(lines: AsyncIterable<string>): Promise<string[] | string> {
  const all: string[] = [];
  try {
    for await (const line of lines) all.push(line);
    return all;
  } catch (error) {
    return String(error);
  }
}

/** Findings of {@link storedScan}. */
export const ITEMS: Item[] = Array.from({ length: 150 }, (_, i) => ({
  host: 1 + (i % 4),
  plugin: i % 13,
  port: 80,
  output: i % 3 === 0 ? undefined : `output ${i}`,
}));

/** A scan as it is stored, without an index yet. */
export async function storedScan(): Promise<AsyncDisposable & { path: string; folder: string }> {
  const folder = await tempFolder();
  const path = `${folder.path}/scan_native.nessus`;
  await writeFile(path, documentOf(ITEMS));
  return { path, folder: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
