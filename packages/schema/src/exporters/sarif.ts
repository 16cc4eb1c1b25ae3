import type { Finding } from '../finding.ts';
import { type Exporter, listOf, severityOf, textOf, titleOf } from './exporter.ts';

const LEVELS = ['none', 'note', 'warning', 'error', 'error'];

/**
 * SARIF 2.1.0: a result a finding, a rule a plugin. The host is the artifact. Rules stand after the results, since they are
 * known only then; the order of an object's members has no meaning.
 */
export const exportSarif: Exporter = async function* (events) {
  const rules = new Map<string, Rule>();
  yield '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"columnKind":"utf16CodeUnits","results":[\n';
  let separator = '';
  for await (const batch of events) {
    let text = '';
    for (const event of batch) {
      if (event.type !== 'finding') continue;
      text += separator + JSON.stringify(resultOf(event.finding, rules));
      separator = ',\n';
    }
    if (text !== '') yield text;
  }
  const driver = {
    name: 'Nessus',
    informationUri: 'https://www.tenable.com/products/nessus',
    rules: [...rules.values()].map(({ content }) => content),
  };
  yield `\n],"tool":${JSON.stringify({ driver })}}]}\n`;
};

interface Rule {
  index: number;
  content: object;
}

function resultOf(finding: Finding, rules: Map<string, Rule>): object {
  const ruleId = finding.plugin_id ?? 'unknown';
  const rule = rules.get(ruleId) ?? { index: rules.size, content: ruleOf(ruleId, finding) };
  rules.set(ruleId, rule);
  const service = `${finding.host}:${finding.port ?? '0'}/${finding.protocol ?? 'tcp'}`;
  return {
    ruleId,
    ruleIndex: rule.index,
    level: LEVELS[severityOf(finding)],
    message: {
      text: textOf(finding.plugin_output).trim() || textOf(finding.synopsis) || titleOf(finding) || ruleId,
    },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURIComponent(finding.host) } },
        logicalLocations: [{ fullyQualifiedName: service, kind: 'service' }],
      },
    ],
    partialFingerprints: { 'hostPortPlugin/v1': `${service}/${ruleId}` },
    properties: {
      severity: severityOf(finding),
      cve: listOf(finding.cve),
      ...(typeof finding.cvss_score === 'number' ? { cvss: finding.cvss_score } : {}),
    },
  };
}

function ruleOf(id: string, finding: Finding): object {
  const help = textOf(finding.solution);
  const uri = listOf(finding.see_also)
    .flatMap((text) => text.split('\n'))
    .flatMap((line) => (/^https?:\/\/\S+$/.test(line) && URL.canParse(line) ? [new URL(line).href] : []))[0];
  return {
    id,
    name: titleOf(finding) || id,
    shortDescription: { text: textOf(finding.synopsis) || titleOf(finding) || id },
    fullDescription: { text: textOf(finding.description) || titleOf(finding) || id },
    ...(help ? { help: { text: help } } : {}),
    ...(uri ? { helpUri: uri } : {}),
    defaultConfiguration: { level: LEVELS[severityOf(finding)] },
    properties: {
      tags: ['security', ...(finding.plugin_family ? [finding.plugin_family] : [])],
      ...(typeof finding.cvss_score === 'number'
        ? { 'security-severity': finding.cvss_score.toFixed(1) }
        : {}),
    },
  };
}
