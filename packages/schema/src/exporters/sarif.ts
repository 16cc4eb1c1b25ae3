import { type ComplianceResult, complianceOf } from '../compliance.ts';
import { type Finding, listOf, textOf } from '../finding.ts';
import { untouched } from '../found_events.ts';
import { type FoundFinding, foundIn } from '../found_finding.ts';
import { checkOf } from '../identity.ts';
import { severityOf } from '../severity.ts';
import { shorten } from '../shorten.ts';
import { cvesOf, type Exporter, linksOf, outputOf, solutionOf, titleOf } from './exporter.ts';
import { scannerVersionIn } from './scanner_version.ts';

/** What GitHub takes: https://docs.github.com/code-security/reference/code-scanning/sarif-support-for-code-scanning */
const RESULTS_A_RUN = 25_000;
/** Characters of a name and of a text, less those that say what was cut off. */
const NAME_LENGTH = 255 - 35;
const TEXT_LENGTH = 1024 - 35;
const TAGS = 20;

const LEVELS = ['none', 'note', 'warning', 'error', 'error'] as const;
/** How SARIF says what became of a check. */
const KINDS: Readonly<Record<ComplianceResult, string>> = {
  PASSED: 'pass',
  FAILED: 'fail',
  WARNING: 'review',
  ERROR: 'open',
};

/**
 * SARIF 2.1.0: a result a finding, a rule a plugin or a compliance check; the host is the artifact. A result's fingerprint is the
 * finding's identity. Within GitHub's limits: a run has 25,000 results at most, and the next ones follow in a further run. Rules
 * stand after the results, since they are known only then; the order of an object's members has no meaning.
 */
export const exportSarif: Exporter<string> = async function* (events, { maxRows = RESULTS_A_RUN } = {}) {
  yield '{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[\n';
  let rules = new Map<string, Rule>();
  let [run, results, version] = [1, 0, 'unknown'];
  yield runStart();
  for await (const batch of untouched(events)) {
    let text = '';
    for (const event of batch) {
      if (event.type !== 'finding') continue;
      const found = foundIn(event);
      version = scannerVersionIn(found) ?? version;
      if (results === maxRows) {
        text += `${runEnd(run++, rules, version)},\n${runStart()}`;
        [rules, results] = [new Map(), 0];
      }
      text += (results++ === 0 ? '' : ',\n') + JSON.stringify(resultOf(found, rules));
    }
    if (text !== '') yield text;
  }
  yield `${runEnd(run, rules, version)}\n]}\n`;
};

function runStart(): string {
  return '{"columnKind":"utf16CodeUnits","results":[\n';
}

function runEnd(run: number, rules: ReadonlyMap<string, Rule>, version: string): string {
  const driver = {
    name: 'Nessus',
    organization: 'Tenable',
    version,
    informationUri: 'https://www.tenable.com/products/nessus',
    rules: [...rules.values()].map(({ content }) => content),
  };
  // runs of one file must differ in this
  return `\n],"automationDetails":{"id":"nessus/${run}/"},"tool":${JSON.stringify({ driver })}}`;
}

interface Rule {
  index: number;
  content: object;
}

function resultOf(found: FoundFinding, rules: Map<string, Rule>): object {
  const { finding } = found;
  const ruleId = ruleIdOf(finding);
  const rule = rules.get(ruleId) ?? { index: rules.size, content: ruleOf(ruleId, finding) };
  rules.set(ruleId, rule);
  const check = complianceOf(finding);
  const kind = check?.result ? KINDS[check.result] : severityOf(finding) === 0 ? 'informational' : 'fail';
  const facts = HOST_PROPERTIES.flatMap((field) =>
    finding[field] === undefined ? [] : [[field, finding[field]]],
  );
  return {
    ruleId,
    ruleIndex: rule.index,
    kind,
    level: kind === 'fail' ? levelOf(finding) : 'none',
    message: {
      text: outputOf(found).trim() || textOf(finding.synopsis).trim() || titleOf(finding) || ruleId,
    },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURIComponent(finding.host) || 'unknown' },
          region: { startLine: 1 },
        },
        logicalLocations: [{ fullyQualifiedName: serviceOf(finding), kind: 'service' }],
      },
    ],
    partialFingerprints: { 'findingIdentity/v1': found.identity },
    properties: {
      severity: severityOf(finding),
      cve: cvesOf(finding),
      ...(typeof finding.cvss_score === 'number' ? { cvss: finding.cvss_score } : {}),
      ...(check
        ? {
            compliance: {
              result: check.result,
              check_id: check.id,
              references: check.references.map(({ standard, id }) => `${standard}|${id}`.replace(/^\|/, '')),
            },
          }
        : {}),
      ...(listOf(finding.attachment_name).length > 0 ? { attachments: listOf(finding.attachment_name) } : {}),
      host: Object.fromEntries(facts),
    },
  };
}

const HOST_PROPERTIES = [
  'host_ip',
  'host_fqdn',
  'netbios',
  'mac',
  'os',
  'credentialed',
  'host_start',
  'host_end',
];

/** A failed check is told even where the audit gives it no severity. */
function levelOf(finding: Finding): string {
  const level = LEVELS[severityOf(finding)];
  return level === 'none' ? 'note' : level;
}

function serviceOf({ host, port, protocol }: Finding): string {
  return `${host}:${port ?? '0'}/${protocol ?? 'tcp'}`;
}

function ruleIdOf(finding: Finding): string {
  const check = checkOf(finding);
  const plugin = finding.plugin_id ?? 'unknown';
  return check === undefined ? plugin : `${plugin}/${check}`;
}

function ruleOf(id: string, finding: Finding): object {
  const check = complianceOf(finding);
  const title = titleOf(finding) || id;
  const tags = ['security', finding.plugin_family ?? '', ...cvesOf(finding)];
  const standards = check?.references.map(({ standard, id: number }) => `${standard} ${number}`.trim()) ?? [];
  const score = finding.cvss_score;
  return {
    id,
    name: shorten(title, NAME_LENGTH),
    shortDescription: { text: shorten(title, TEXT_LENGTH) },
    fullDescription: {
      text: shorten(
        check?.info || textOf(finding.description) || textOf(finding.synopsis) || title,
        TEXT_LENGTH,
      ),
    },
    help: { text: helpOf(finding) || title },
    helpUri: linksOf(finding)[0] ?? pluginPage(finding),
    defaultConfiguration: { level: levelOf(finding) },
    properties: {
      tags: [...new Set([...tags, ...standards].filter((tag) => tag !== ''))].slice(0, TAGS),
      'security-severity': (typeof score === 'number' ? score : severityOf(finding) * 2.5).toFixed(1),
      ...(textOf(finding.vpr_score) === '' ? {} : { vpr: Number(finding.vpr_score) }),
    },
  };
}

function helpOf(finding: Finding): string {
  const parts = [
    textOf(finding.synopsis),
    complianceOf(finding)?.info || textOf(finding.description),
    solutionOf(finding) === '' ? '' : `Solution: ${solutionOf(finding)}`,
    linksOf(finding).join('\n'),
  ];
  return parts.filter((part) => part.trim() !== '').join('\n\n');
}

function pluginPage({ plugin_id }: Finding): string {
  const number = /^\d{1,10}$/.test(plugin_id ?? '') ? plugin_id : '';
  return `https://www.tenable.com/plugins/nessus/${number}`;
}
