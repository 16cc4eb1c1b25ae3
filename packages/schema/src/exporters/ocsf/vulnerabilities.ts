import { type Finding, listOf, textOf } from '../../finding.ts';
import { writtenText } from '../../written_text.ts';
import { cvesOf, cwesOf, linksOf, solutionOf, titleOf } from '../exporter.ts';

/** A CVSS score as OCSF has it. */
export interface OcsfScore {
  version: string;
  depth: 'Base';
  base_score: number;
  /** With temporal or threat metrics. */
  overall_score?: number;
  vector_string?: string;
}

/** Versions of CVSS with the fields of their base score, vector, and score with temporal or threat metrics. */
const VERSIONS = [
  ['4.0', 'cvss4_base_score', 'cvss4_vector', 'cvss4_threat_score'],
  ['3.0', 'cvss3_base_score', 'cvss3_vector', 'cvss3_temporal_score'],
  ['2.0', 'cvss_base_score', 'cvss_vector', 'cvss_temporal_score'],
] as const;

/** A finding's scores, newest version of CVSS first; a vector says its version more exactly than its field does. */
export function scoresOf(finding: Finding): OcsfScore[] {
  return VERSIONS.flatMap(([version, score, vector, overall]) => {
    const base_score = numberIn(finding, score);
    if (base_score === undefined) return [];
    const overall_score = numberIn(finding, overall);
    const [, stated, vector_string = ''] =
      /^(?:CVSS:?(?:(\d\.\d)\/|2?#))?(.*)$/s.exec(textOf(finding[vector]).trim()) ?? [];
    const whole = stated === undefined ? vector_string : textOf(finding[vector]).trim();
    return [
      {
        version: stated ?? version,
        depth: 'Base' as const,
        base_score,
        ...(overall_score === undefined ? {} : { overall_score }),
        ...(whole === '' ? {} : { vector_string: whole }),
      },
    ];
  });
}

/**
 * The vulnerabilities of a finding: one for each CVE, or one for its weaknesses where it has no CVE; none where it has neither,
 * since OCSF wants one of them.
 */
export function vulnerabilitiesOf(finding: Finding, severity: string): object[] {
  const cves = cvesOf(finding);
  const cwes = cwesOf(finding).map((uid) => ({
    uid,
    src_url: `https://cwe.mitre.org/data/definitions/${uid.slice('CWE-'.length)}.html`,
  }));
  const [cwe] = cwes;
  if (cves.length === 0)
    return cwes.map((weakness) => ({ cwe: weakness, ...commonMembers(finding, severity) }));
  const ofCve = cveMembers(finding);
  return cves.map((uid) => ({
    cve: { uid, ...ofCve, ...(cwe ? { cwe, cwe_uid: cwe.uid, cwe_url: cwe.src_url } : {}) },
    ...(cwe ? { cwe } : {}),
    ...commonMembers(finding, severity),
    ...(cves.length > 1 ? { related_vulnerabilities: cves.filter((other) => other !== uid) } : {}),
  }));
}

/** What vulnerabilities of one finding have in common; the description stands in the event's `finding_info`. */
function commonMembers(finding: Finding, severity: string): object {
  const solution = solutionOf(finding);
  const articles = listOf(finding.mskb).map((number) => (/^\d+$/.test(number) ? `KB${number}` : number));
  const references = linksOf(finding);
  const packages = packagesOf(finding);
  const published = dateOf(finding, 'patch_publication_date');
  return {
    title: titleOf(finding),
    severity,
    vendor_name: 'Tenable',
    references,
    ...(solution === ''
      ? {}
      : {
          remediation: {
            desc: solution,
            references,
            ...(articles.length > 0 ? { kb_article_list: articles.map((uid) => ({ uid })) } : {}),
          },
        }),
    ...(typeof finding.exploit_available === 'boolean'
      ? { is_exploit_available: finding.exploit_available }
      : {}),
    ...(published === undefined ? {} : { is_fix_available: true }),
    ...(packages.length > 0 ? { affected_packages: packages } : {}),
  };
}

function cveMembers(finding: Finding): object {
  const cvss = scoresOf(finding);
  const epss = writtenText(finding, 'epss_score');
  const created = dateOf(finding, 'vuln_publication_date');
  const [cpe] = cpesOf(finding);
  return {
    ...(cvss.length > 0 ? { cvss } : {}),
    ...(epss === '' ? {} : { epss: { score: epss } }),
    ...(created === undefined ? {} : { created_time: created }),
    ...(cpe === undefined
      ? {}
      : { product: { name: cpe.product, vendor_name: cpe.vendor, cpe_name: cpe.name } }),
  };
}

interface Cpe {
  name: string;
  vendor: string;
  product: string;
  version: string;
}

/** Products in either notation: `cpe:/a:vendor:product:version`, `cpe:2.3:a:vendor:product:version:...`; Nessus adds `x-cpe`. */
function cpesOf(finding: Finding): Cpe[] {
  const cpes: Cpe[] = [];
  for (const text of listOf(finding.cpe)) {
    for (const line of text.split('\n')) {
      const name = line.trim().split(' ')[0] ?? '';
      const [, vendor = '', product = '', version = ''] =
        /^(?:x-)?cpe:(?:\/|2\.3:)[aoh]:([^:]+):([^:]+)(?::([^:]*))?/.exec(name) ?? [];
      if (product !== '')
        cpes.push({ name, vendor, product, version: /^[*-]?$/.test(version) ? '' : version });
    }
  }
  return cpes;
}

/** OCSF wants a version of a package, so products without one are told as the CVE's product and in `unmapped`. */
function packagesOf(finding: Finding): object[] {
  const packages: object[] = [];
  for (const { name, vendor, product, version } of cpesOf(finding))
    if (version !== '') packages.push({ name: product, version, vendor_name: vendor, cpe_name: name });
  return packages;
}

function numberIn(finding: Finding, field: string): number | undefined {
  const text = textOf(finding[field]).trim();
  const number = Number(text);
  return text === '' || !Number.isFinite(number) ? undefined : number;
}

/** Nessus writes dates as 2025/03/14. */
function dateOf(finding: Finding, field: string): number | undefined {
  const time = Date.parse(textOf(finding[field]).trim().replaceAll('/', '-'));
  return Number.isNaN(time) ? undefined : time;
}
