import { DOMParser, type Element } from '@xmldom/xmldom';
import { SaxesParser } from 'saxes';

/** A finding as plain data: attributes, and child elements in their order. */
export interface OracleFinding {
  host: string;
  attributes: Record<string, string>;
  children: [string, string][];
}

/** What a parser says of a document; `undefined` when it does not take it. */
export type Oracle = (xml: string) => OracleFinding[] | undefined;

/** By @xmldom/xmldom, as a tree. */
export const xmldomOracle: Oracle = (xml) => {
  let document: ReturnType<DOMParser['parseFromString']>;
  try {
    document = new DOMParser({
      onError: (level, message) => {
        if (level !== 'warning') throw new Error(message);
      },
    }).parseFromString(xml, 'text/xml');
  } catch {
    return undefined;
  }
  const elements = (parent: Element): Element[] =>
    [...parent.childNodes].filter((node) => node.nodeType === 1) as Element[]; // 1 is an element
  return [...document.getElementsByTagName('ReportHost')].flatMap((host) =>
    elements(host)
      .filter((element) => element.tagName === 'ReportItem')
      .map((item) => ({
        host: host.getAttribute('name') ?? '',
        attributes: Object.fromEntries([...item.attributes].map(({ name, value }) => [name, value])),
        children: elements(item).map((child): [string, string] => [child.tagName, child.textContent ?? '']),
      })),
  );
};

/** By saxes, as a stream. */
export const saxesOracle: Oracle = (xml) => {
  const parser = new SaxesParser({ xmlns: false });
  const findings: OracleFinding[] = [];
  const path: string[] = [];
  let failed = false;
  let host = '';
  let finding: OracleFinding | undefined;
  parser.on('error', () => {
    failed = true;
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (name === 'ReportHost') host = attributes.name ?? '';
    else if (name === 'ReportItem' && path.at(-1) === 'ReportHost')
      finding = { host, attributes: { ...attributes }, children: [] };
    else if (finding && path.at(-1) === 'ReportItem') finding.children.push([name, '']);
    path.push(name);
  });
  const addText = (text: string): void => {
    const child = finding?.children.at(-1);
    if (child && path.length > 0 && path.at(-1) !== 'ReportItem') child[1] += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', ({ name }) => {
    path.pop();
    if (name !== 'ReportItem' || !finding) return;
    findings.push(finding);
    finding = undefined;
  });
  parser.write(xml).close();
  return failed ? undefined : findings;
};

/** A finding of ours as an oracle tells it, by applying the contract's rules to the oracle's plain data. */
export function expectedFinding({ host, attributes, children }: OracleFinding): Record<string, unknown> {
  const {
    pluginID = null,
    pluginName = null,
    pluginFamily = null,
    severity = null,
    port = null,
    svc_name = null,
    protocol = null,
    ...others
  } = attributes;
  const finding: Record<string, unknown> = {
    type: 'vulnerability',
    host,
    plugin_id: pluginID,
    plugin_name: pluginName,
    plugin_family: pluginFamily,
    severity,
    port,
    svc_name,
    protocol,
    ...others,
  };
  const counts = new Map<string, number>();
  const own = { ...finding };
  for (const [element, text] of children) {
    const attribute = own[element] ?? null;
    if (attribute === text.trim()) continue; // it says what the attribute says
    const tag = attribute === null ? element : `item_${element}`;
    const seen = counts.get(tag) ?? 0;
    counts.set(tag, seen + 1);
    const value = convertText(tag, text);
    const added = tag === 'cve' ? (text.trim() === '' ? [] : [value]) : value;
    finding[tag] = seen === 0 ? added : [finding[tag], added].flat();
  }
  if (!counts.has('cvss_score')) {
    const best = ['cvss4_base_score', 'cvss3_base_score', 'cvss_base_score']
      .map((field) => scoreOf(finding[field]))
      .find((score) => score !== undefined);
    if (best !== undefined) finding.cvss_score = best;
  }
  return finding;
}

function convertText(tag: string, text: string): unknown {
  if (tag === 'exploit_available') return text.toLowerCase() === 'true';
  if (!['cvss_base_score', 'cvss3_base_score', 'cvss_score'].includes(tag)) return text;
  return text.trim() === '' ? null : Number.isFinite(Number(text)) ? Number(text) : text;
}

function scoreOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value))
    ? Number(value)
    : undefined;
}
