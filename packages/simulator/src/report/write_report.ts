import type { SimulatedHost } from '../network/host.ts';
import type { LoginOutcome, LoginProtocol, PluginContext, SimulatedPlugin } from '../network/plugin.ts';
import { hexDigits } from '../network/random.ts';
import { escapeXml } from './escape_xml.ts';

/** A host of a report with what was found on it. */
export interface ReportedHost {
  host: SimulatedHost;
  plugins: readonly SimulatedPlugin[];
  login: LoginOutcome;
  via: LoginProtocol;
  /** Of the login; empty without one. */
  username: string;
}

/** What a report is made of. */
export interface ReportContent {
  scanName: string;
  /** As the scan has it. */
  description: string;
  /** Of the run. */
  runUuid: string;
  targets: string;
  /** The policy's name, plugins that it has on, and its ports. */
  policy: { name: string; plugins: readonly number[]; ports: string };
  /** Text that differs from seed to seed. */
  key: string;
  /** Unix milliseconds. */
  startedAt: number;
  /** Unix milliseconds. */
  endedAt: number;
  hosts: Iterable<ReportedHost>;
}

/** Writes a .nessus document of version 2, piece by piece, so that its size costs no memory. */
export function* writeReport(content: ReportContent): Generator<string> {
  yield '<?xml version="1.0" ?>\n<NessusClientData_v2>\n';
  yield policy(content);
  yield `<Report name="${escapeXml(content.scanName)}" xmlns:cm="http://www.nessus.org/cm">\n`;
  for (const reported of content.hosts) {
    yield `<ReportHost name="${escapeXml(reported.host.name)}">${properties(reported, content)}`;
    for (const plugin of reported.plugins) yield reportItem(plugin, reported, content);
    yield '</ReportHost>\n';
  }
  yield '</Report>\n</NessusClientData_v2>\n';
}

function policy(content: ReportContent): string {
  const preferences: Record<string, string> = {
    max_simult_tcp_sessions: 'unlimited',
    plugin_set: content.policy.plugins.join(';'),
    TARGET: content.targets,
    name: content.scanName,
    description: content.description,
    report_task_id: content.runUuid,
    max_hosts: '30',
    port_range: content.policy.ports,
    safe_checks: 'yes',
  };
  const server = Object.entries(preferences).map(
    ([name, value]) =>
      `<preference><name>${name}</name>\n<value>${escapeXml(value)}</value>\n</preference>\n`,
  );
  return `<Policy><policyName>${escapeXml(content.policy.name)}</policyName>
<policyComments>${escapeXml(content.description)}</policyComments>
<Preferences><ServerPreferences>${server.join('')}</ServerPreferences>
<PluginsPreferences><item><pluginName>Ping the remote host</pluginName>
<pluginId>10180</pluginId>
<fullName>Ping the remote host[checkbox]:Do a TCP ping</fullName>
<preferenceName>Do a TCP ping</preferenceName>
<preferenceType>checkbox</preferenceType>
<preferenceValues>yes</preferenceValues>
<selectedValue>yes</selectedValue>
</item>
</PluginsPreferences>
</Preferences>
<FamilySelection><FamilyItem><FamilyName>General</FamilyName>
<Status>enabled</Status>
</FamilyItem>
</FamilySelection>
<IndividualPluginSelection><PluginItem><PluginId>34220</PluginId>
<PluginName>Netstat Portscanner (WMI)</PluginName>
<Family>Port scanners</Family>
<Status>enabled</Status>
</PluginItem>
</IndividualPluginSelection>
</Policy>
`;
}

function properties({ host, login }: ReportedHost, content: ReportContent): string {
  const tags: Record<string, string> = {
    HOST_END_TIMESTAMP: String(Math.round(content.endedAt / 1000)),
    HOST_END: nessusDate(content.endedAt),
    'patch-summary-total-cves': '1',
    'cpe-0':
      host.kind === 'windows' ? 'cpe:/o:microsoft:windows' : 'cpe:/o:linux:linux_kernel -> Linux Kernel',
    Credentialed_Scan: String(login === 'success' || login === 'insufficient'),
    'policy-used': content.policy.name,
    os: host.kind === 'windows' ? 'windows' : host.kind === 'linux' ? 'linux' : 'other',
    'operating-system-conf': '95',
    'operating-system-method': 'SinFP',
    'operating-system': host.os,
    'system-type': host.kind === 'printer' ? 'printer' : 'general-purpose',
    'traceroute-hop-0': host.ip,
    'mac-address': host.mac,
    'host-fqdn': host.fqdn,
    'host-rdns': host.fqdn,
    'host-ip': host.ip,
    HOST_START_TIMESTAMP: String(Math.round(content.startedAt / 1000)),
    HOST_START: nessusDate(content.startedAt),
  };
  const lines = Object.entries(tags).map(
    ([name, value]) => `<tag name="${name}">${escapeXml(value)}</tag>\n`,
  );
  return `<HostProperties>${lines.join('')}</HostProperties>\n`;
}

const RISK = ['None', 'Low', 'Medium', 'High', 'Critical'];

/** A plugin's item without what differs from host to host: what stands before the output and after it. */
interface ItemFrame {
  head: string;
  tail: string;
}

/** Written once a plugin: a report of a large network is the same few frames again and again. */
const FRAMES = new WeakMap<SimulatedPlugin, ItemFrame>();

/** A plugin's `fname`. */
export function fileNameOf({ name }: SimulatedPlugin): string {
  const words = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  return `${words.slice(0, 40)}.nasl`;
}

function frameOf(plugin: SimulatedPlugin): ItemFrame {
  const known = FRAMES.get(plugin);
  if (known) return known;
  const elements: [string, string | readonly string[]][] = [
    ['description', plugin.description],
    ...Object.entries(plugin.details ?? {}),
    ['fname', fileNameOf(plugin)],
    ['plugin_modification_date', '2025/11/10'],
    ['plugin_name', plugin.name],
    ['plugin_publication_date', '2019/03/14'],
    ['plugin_type', plugin.login ? 'local' : 'remote'],
    ['risk_factor', RISK[plugin.severity] ?? 'None'],
    ['script_version', `1.${plugin.id % 90}`],
    ['solution', plugin.solution],
    ['synopsis', plugin.synopsis],
  ];
  const children = elements.flatMap(([tag, values]) =>
    [values].flat().map((value) => `<${tag}>${escapeXml(value)}</${tag}>\n`),
  );
  const frame: ItemFrame = {
    head: `<ReportItem port="${plugin.port}" svc_name="${plugin.service}" protocol="${plugin.protocol}" severity="${plugin.severity}" pluginID="${plugin.id}" pluginName="${escapeXml(plugin.name)}" pluginFamily="${escapeXml(plugin.family)}">\n${children.join('')}`,
    tail: '</ReportItem>\n',
  };
  FRAMES.set(plugin, frame);
  return frame;
}

/** What a plugin's output may speak of. */
export function contextOf(
  { host, login, via, username }: ReportedHost,
  { key, scanName }: Pick<ReportContent, 'key' | 'scanName'>,
): PluginContext {
  return { host, key, login, username, via, scanName };
}

function reportItem(plugin: SimulatedPlugin, reported: ReportedHost, content: ReportContent): string {
  const { head, tail } = frameOf(plugin);
  const output = plugin.output
    ? `<plugin_output>${escapeXml(plugin.output(contextOf(reported, content)))}</plugin_output>\n`
    : '';
  return head + output + attachmentOf(plugin, reported, content) + tail;
}

function attachmentOf(plugin: SimulatedPlugin, { host }: ReportedHost, { key }: ReportContent): string {
  if (!plugin.attachment) return '';
  const { name, type } = plugin.attachment;
  const fileName = escapeXml(`${host.ip}_${plugin.port}_${name}`);
  return `<attachment name="${fileName}" type="${type}">${attachmentKey(key, host)}</attachment>\n`;
}

/** The key by which GET /scans/{id}/attachments gives a host's attachment. */
export function attachmentKey(key: string, host: SimulatedHost): string {
  return hexDigits(`${key}/${host.name}`, 32);
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A date as HOST_START has it: `Tue Nov 24 11:05:00 2026`. */
function nessusDate(milliseconds: number): string {
  const date = new Date(milliseconds);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `${DAYS[date.getUTCDay()]} ${MONTHS[date.getUTCMonth()]} ${day} ${date.toISOString().slice(11, 19)} ${date.getUTCFullYear()}`;
}
