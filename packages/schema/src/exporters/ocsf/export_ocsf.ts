import { complianceOf } from '../../compliance.ts';
import { type Finding, listOf, textOf } from '../../finding.ts';
import { untouched } from '../../found_events.ts';
import { type FoundFinding, foundIn } from '../../found_finding.ts';
import { jsonText } from '../../json_text.ts';
import { severityOf } from '../../severity.ts';
import { VariantMemo } from '../../variant_memo.ts';
import { isKnownExploited } from '../../worst_first.ts';
import { writtenText } from '../../written_text.ts';
import {
  cvesOf,
  cwesOf,
  type Exporter,
  linksOf,
  outputOf,
  PIECE_LENGTH,
  solutionOf,
  titleOf,
} from '../exporter.ts';
import { scannerVersionIn } from '../scanner_version.ts';
import { complianceMembers } from './compliance_members.ts';
import { type OcsfHost, OcsfHosts } from './ocsf_host.ts';
import { scoresOf, vulnerabilitiesOf } from './vulnerabilities.ts';

/** OCSF's severity_id for 0 info to 4 critical. */
const SEVERITY_IDS = [1, 2, 3, 4, 5] as const;
const SEVERITIES = ['Informational', 'Low', 'Medium', 'High', 'Critical'] as const;

/** A class of the category Findings. */
const CLASSES = {
  vulnerability: { uid: 2002, name: 'Vulnerability Finding' },
  compliance: { uid: 2003, name: 'Compliance Finding' },
  detection: { uid: 2004, name: 'Detection Finding' },
} as const;

/**
 * OCSF 1.3 events, one a line: a compliance check is a Compliance Finding (2003), what has a CVE or CWE number a Vulnerability
 * Finding (2002), which must have one, and everything else, informational findings too, a Detection Finding (2004). Scores that
 * belong to no CVE, Tenable's priority and CISA's due date stand in `enrichments`, port and plugin in `unmapped`.
 *
 * The time is that at which the scan of the host ended, or else began; where the report states none, `time` of the options.
 */
export const exportOcsf: Exporter<string> = async function* (events, { time = Date.now() } = {}) {
  const hosts = new OcsfHosts();
  let version: string | undefined;
  for await (const batch of untouched(events)) {
    let text = '';
    for (const event of batch) {
      if (event.type === 'host') hosts.add(event.host);
      if (event.type !== 'finding') continue;
      const found = foundIn(event);
      version = scannerVersionIn(found) ?? version;
      text += eventLine(found, hosts.membersOf(found), { version, time });
      if (text.length < PIECE_LENGTH) continue;
      yield text;
      text = '';
    }
    if (text !== '') yield text;
  }
};

interface Surroundings {
  version: string | undefined;
  time: number;
}

/** What an event says that does not depend on the host: members of the event, and of its `finding_info`, as JSON without braces. */
const statics = new VariantMemo((finding) => {
  const kind = kindOf(finding);
  const links = linksOf(finding);
  return {
    kind,
    members: inside(staticMembers(finding, kind, links)),
    info: inside(findingInfo(finding, links)),
    unmapped: inside(unmappedOf(finding)),
    message: textOf(finding.synopsis) || titleOf(finding) || 'No text',
    service: serviceMembers(finding),
  };
});

/** An event as a line of JSON. */
function eventLine(found: FoundFinding, host: OcsfHost, { version, time }: Surroundings): string {
  const { kind, members, info, unmapped, message: ownMessage, service } = statics.of(found);
  const output = outputOf(found);
  const { sources } = found.facts;
  const isDetection = kind === CLASSES.detection;
  const saysOutput = !isDetection && output.trim() !== '';
  const message = saysOutput ? output : ownMessage;
  const inFiles =
    sources === undefined ? '' : `${unmapped === '' ? '' : ','}"sources":${JSON.stringify(sources)}`;
  const product = version === undefined ? '' : `,"version":${JSON.stringify(version)}`;
  return `{${members},"unmapped":{${unmapped}${inFiles}},"time":${host.seen ?? Math.trunc(time)},${host.members},"message":${jsonText(message)},"metadata":{"version":"1.3.0","product":{"name":"Nessus","vendor_name":"Tenable"${product}}}${isDetection ? evidences(service, output, host) : ''},"finding_info":{"uid":${jsonText(found.identity)}${host.seen === undefined ? '' : `,"last_seen_time":${host.seen}`},${info}}}\n`;
}

/** An object as JSON without its braces. */
function inside(members: object): string {
  return JSON.stringify(members).slice(1, -1);
}

function kindOf(finding: Finding): (typeof CLASSES)[keyof typeof CLASSES] {
  if (complianceOf(finding)) return CLASSES.compliance;
  return cvesOf(finding).length + cwesOf(finding).length > 0 ? CLASSES.vulnerability : CLASSES.detection;
}

function staticMembers(
  finding: Finding,
  kind: (typeof CLASSES)[keyof typeof CLASSES],
  links: readonly string[],
): object {
  const severity = severityOf(finding);
  const check = complianceOf(finding);
  return {
    activity_id: 1,
    activity_name: 'Create',
    category_uid: 2,
    category_name: 'Findings',
    class_uid: kind.uid,
    class_name: kind.name,
    type_uid: kind.uid * 100 + 1,
    type_name: `${kind.name}: Create`,
    severity_id: SEVERITY_IDS[severity],
    severity: SEVERITIES[severity],
    status_id: 1,
    status: 'New',
    ...(kind === CLASSES.vulnerability
      ? { vulnerabilities: vulnerabilitiesOf(finding, SEVERITIES[severity]) }
      : {}),
    ...(check ? complianceMembers(check) : {}),
    ...(kind === CLASSES.detection ? remediationOf(finding, links) : {}),
    ...enrichmentsOf(finding, cvesOf(finding).length === 0),
  };
}

function findingInfo(finding: Finding, [link]: readonly string[]): object {
  const name = listOf(finding.plugin_name)[0];
  const desc = textOf(finding.description) || textOf(finding.synopsis);
  return {
    title: titleOf(finding) || (finding.plugin_id ?? 'unknown'),
    ...(desc === '' ? {} : { desc }),
    types: [finding.plugin_family ?? 'General'],
    ...(link === undefined ? {} : { src_url: link }),
    analytic: {
      type_id: 1,
      type: 'Rule',
      uid: finding.plugin_id ?? 'unknown',
      ...(name ? { name } : {}),
      ...(textOf(finding.script_version) === '' ? {} : { version: textOf(finding.script_version) }),
    },
  };
}

/** Where a detection was made and what was seen there. */
function evidences(service: string, output: string, { endpoint }: OcsfHost): string {
  const data = output === '' ? '' : `,"data":{"plugin_output":${jsonText(output)}}`;
  return `,"evidences":[{"dst_endpoint":{${endpoint}${service}}${data}}]`;
}

/** Members of an endpoint behind those of the host. */
function serviceMembers({ port: text, svc_name: name }: Finding): string {
  const port = Number(text);
  const portMember = Number.isInteger(port) && port > 0 && port < 65_536 ? `,"port":${port}` : '';
  return name ? `${portMember},"svc_name":${jsonText(name)}` : portMember;
}

function remediationOf(finding: Finding, references: readonly string[]): object {
  const desc = solutionOf(finding);
  return desc === '' ? {} : { remediation: { desc, references } };
}

/** What OCSF 1.3 has no attribute for, or only for a CVE. */
function enrichmentsOf(finding: Finding, withScores: boolean): { enrichments?: object[] } {
  const enrichments: object[] = [];
  const add = (type: string, value: string, data: object, provider = 'Tenable'): void => {
    if (value !== '') enrichments.push({ name: type, value, type, provider, data });
  };
  if (withScores) {
    for (const score of scoresOf(finding))
      add(`cvss_${score.version}`, String(score.base_score), score, 'CVSS');
    const epss = writtenText(finding, 'epss_score');
    add('epss', epss, { score: epss }, 'FIRST');
  }
  const vpr = writtenText(finding, 'vpr_score');
  add('vpr', vpr, { score: Number(vpr) });
  if (isKnownExploited(finding)) {
    const due =
      textOf(finding['cisa-known-exploited']) || /CISA-KNOWN-EXPLOITED:(\S+)/.exec(textOf(finding.xref))?.[1];
    add('cisa_known_exploited', due ?? '', { due_date: due }, 'CISA');
  }
  return enrichments.length > 0 ? { enrichments } : {};
}

/** What says where a finding is and which plugin found it, and has no attribute of its own. */
const UNMAPPED = [
  'port',
  'protocol',
  'svc_name',
  'plugin_id',
  'plugin_family',
  'plugin_type',
  'risk_factor',
  'stig_severity',
  'cpe',
  'xref',
  'bid',
  'exploit_framework_metasploit',
  'metasploit_name',
  'exploited_by_malware',
  'plugin_publication_date',
  'plugin_modification_date',
  'patch_publication_date',
  'attachment_name',
  'attachment_type',
] as const;

function unmappedOf(finding: Finding): object {
  return Object.fromEntries(
    [...UNMAPPED, ...(cwesOf(finding).length > 0 ? ['cwe'] : [])].flatMap((field) => {
      const value = finding[field];
      return value === undefined || value === null || value === '' ? [] : [[field, value]];
    }),
  );
}
