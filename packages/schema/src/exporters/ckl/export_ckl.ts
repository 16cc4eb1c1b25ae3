import type { Document, Element } from '@xmldom/xmldom';
import { cleanText } from '../../clean_text.ts';
import { complianceOf } from '../../compliance.ts';
import { textOf } from '../../finding.ts';
import { untouched } from '../../found_events.ts';
import { shorten } from '../../shorten.ts';
import { type Exporter, solutionOf } from '../exporter.ts';
import { type FindingGroup, FindingGroups, type Place } from '../groups.ts';
import { type HostTally, Tally } from '../tally.ts';

/** Characters of what is said of several hosts. */
const COMMENT_LENGTH = 10_000;

/** What became of a check, worst first, with STIG Viewer's word for it. */
const STATUSES = [
  ['FAILED', 'Open'],
  ['ERROR', 'Not_Reviewed'],
  ['WARNING', 'Not_Reviewed'],
  ['PASSED', 'NotAFinding'],
] as const;

/** What STIG Viewer knows of an asset, in its order, where a report says nothing of it. */
const ASSET = {
  ROLE: 'None',
  ASSET_TYPE: 'Computing',
  MARKING: '',
  HOST_NAME: '',
  HOST_IP: '',
  HOST_MAC: '',
  HOST_FQDN: '',
  TARGET_COMMENT: '',
  TECH_AREA: '',
  TARGET_KEY: '',
  WEB_OR_DATABASE: 'false',
  WEB_DB_SITE: '',
  WEB_DB_INSTANCE: '',
} as const;

/**
 * A checklist for STIG Viewer: a list of checks for each audit, and one of the other findings, of which vulnerabilities are open and
 * informational ones not applicable. A checklist is of one asset; where there are several hosts, a check has the worst of their
 * results, and its details name them, so a file for each host is better (`nmcp convert --to ckl --split-by host`). Everything is
 * kept until the end.
 */
export const exportCkl: Exporter<string> = async function* (events) {
  const [tally, groups] = [new Tally(), new FindingGroups()];
  for await (const batch of untouched(events)) {
    for (const event of batch) {
      tally.add(event);
      groups.add(event);
    }
  }
  const { DOMImplementation, XMLSerializer } = await import('@xmldom/xmldom'); // most formats do without
  const document = new DOMImplementation().createDocument(null, 'CHECKLIST');
  const root = document.documentElement;
  if (!root) return;
  const write = writerOf(document);
  const asset = write(root, 'ASSET');
  for (const [name, text] of Object.entries(assetOf(tally.worstHosts()))) write(asset, name, text);
  const lists = write(root, 'STIGS');
  for (const [title, list] of listsOf(groups.worstFirst()))
    writeList(write, lists, { title, list, several: tally.hosts > 1 });
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<!--Nessus MCP-->\n${new XMLSerializer().serializeToString(root)}\n`;
};

/** Adds an element with a text. */
type Write = (parent: Element, name: string, text?: string) => Element;

function writerOf(document: Document): Write {
  return (parent, name, text) => {
    const element = document.createElement(name);
    if (text !== undefined)
      element.appendChild(document.createTextNode(cleanText(text, Number.POSITIVE_INFINITY)));
    parent.appendChild(element);
    return element;
  };
}

function assetOf(hosts: readonly HostTally[]): Record<keyof typeof ASSET, string> {
  const [only] = hosts;
  if (hosts.length !== 1 || !only) {
    const named = hosts.map(({ name, facts }) => `${name} (${Object.values(facts).join('; ')})`);
    return {
      ...ASSET,
      TARGET_COMMENT: shorten(`${hosts.length} hosts: ${named.join(', ')}`, COMMENT_LENGTH),
    };
  }
  const { name, facts } = only;
  return {
    ...ASSET,
    HOST_NAME: facts.netbios?.split('\\').at(-1) || name,
    HOST_IP: facts.host_ip ?? '',
    HOST_MAC: firstOf(facts.mac),
    HOST_FQDN: firstOf(facts.host_fqdn),
    TARGET_COMMENT: [facts.os, `login: ${facts.credentialed ?? 'none'}`].filter(Boolean).join(', '),
  };
}

/** STIG Viewer takes one. */
function firstOf(list = ''): string {
  return list.split(', ')[0] ?? '';
}

const FINDINGS = 'Nessus findings';

/** Checks by their benchmark, and what is no check; there is always one list. */
function listsOf(groups: readonly FindingGroup[]): Map<string, FindingGroup[]> {
  const lists = new Map<string, FindingGroup[]>();
  for (const group of groups) {
    const check = complianceOf(group.first);
    const title = check ? check.benchmark || 'Nessus audit' : FINDINGS;
    lists.set(title, [...(lists.get(title) ?? []), group]);
  }
  return lists.size > 0 ? lists : new Map([[FINDINGS, []]]);
}

function writeList(
  write: Write,
  parent: Element,
  { title, list, several }: { title: string; list: readonly FindingGroup[]; several: boolean },
): void {
  const stig = write(parent, 'iSTIG');
  const info = write(stig, 'STIG_INFO');
  const version = list[0] ? (complianceOf(list[0].first)?.benchmarkVersion ?? '') : '';
  const facts = {
    version,
    classification: 'UNCLASSIFIED',
    stigid: title,
    title,
    releaseinfo: version,
    filename: '',
    uuid: '',
  };
  for (const [name, value] of Object.entries(facts)) {
    const data = write(info, 'SI_DATA');
    write(data, 'SID_NAME', name);
    if (value !== '') write(data, 'SID_DATA', value);
  }
  for (const group of list) writeCheck(write, stig, group, several);
}

function writeCheck(write: Write, parent: Element, group: FindingGroup, several: boolean): void {
  const element = write(parent, 'VULN');
  for (const [name, texts] of Object.entries(attributesOf(group))) {
    for (const text of [texts].flat()) {
      const data = write(element, 'STIG_DATA');
      write(data, 'VULN_ATTRIBUTE', name);
      write(data, 'ATTRIBUTE_DATA', text);
    }
  }
  write(element, 'STATUS', statusOf(group));
  write(element, 'FINDING_DETAILS', group.places.map((place) => detailsOf(place, several)).join('\n\n'));
  for (const name of ['COMMENTS', 'SEVERITY_OVERRIDE', 'SEVERITY_JUSTIFICATION']) write(element, name, '');
}

function attributesOf({
  first,
  key,
  title,
  severity,
  places,
  cves,
}: FindingGroup): Record<string, string | string[]> {
  const check = complianceOf(first);
  const idsOf = (standard: string): string[] =>
    (check?.references ?? []).filter((each) => each.standard.toUpperCase() === standard).map(({ id }) => id);
  const category = { I: 'high', II: 'medium', III: 'low' }[idsOf('CAT')[0] ?? textOf(first.stig_severity)];
  const ofSeverity = severity >= 3 ? 'high' : severity === 2 || check ? 'medium' : 'low';
  const text = check?.info || textOf(first.description) || textOf(first.synopsis);
  const discussion = cves.size > 0 ? `${text}\n\n${[...cves].join(', ')}` : text;
  return {
    Vuln_Num: idsOf('VULN-ID')[0] ?? key,
    Severity: category ?? ofSeverity,
    Group_Title: idsOf('GROUP-TITLE')[0] ?? title,
    Rule_ID: idsOf('RULE-ID')[0] ?? key,
    Rule_Ver: idsOf('STIG-ID')[0] ?? key,
    Rule_Title: title,
    Vuln_Discuss: discussion,
    IA_Controls: '',
    Check_Content: check?.policyValue ?? textOf(first.synopsis),
    Fix_Text: solutionOf(first),
    False_Positives: '',
    False_Negatives: '',
    Documentable: 'false',
    Mitigations: '',
    Potential_Impact: '',
    Third_Party_Tools: '',
    Mitigation_Control: '',
    Responsibility: '',
    Security_Override_Guidance: '',
    Check_Content_Ref: 'M',
    Weight: '10.0',
    Class: 'Unclass',
    STIGRef: check ? check.benchmark : `Nessus, ${places.length} findings`,
    TargetKey: '',
    STIG_UUID: '',
    LEGACY_ID: [],
    CCI_REF: idsOf('CCI'),
  };
}

function statusOf({ places, severity }: FindingGroup): string {
  const found = STATUSES.find(([result]) => places.some((place) => place.result === result));
  return found?.[1] ?? (severity === 0 ? 'Not_Applicable' : 'Open');
}

function detailsOf({ host, port, protocol, result, output }: Place, several: boolean): string {
  const where = port === '0' ? host : `${host}:${port}/${protocol}`;
  const head = several || port !== '0' ? `${where}${result === undefined ? '' : `: ${result}`}\n` : '';
  return head + (output || (result ?? 'found'));
}
