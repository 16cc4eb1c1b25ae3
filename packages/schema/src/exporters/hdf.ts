import { complianceOf } from '../compliance.ts';
import { textOf } from '../finding.ts';
import { untouched } from '../found_events.ts';
import { foundIn } from '../found_finding.ts';
import { cwesOf, type Exporter, linksOf, solutionOf } from './exporter.ts';
import { type FindingGroup, FindingGroups, type Place } from './groups.ts';
import { scannerVersionIn } from './scanner_version.ts';
import { Tally } from './tally.ts';

/** InSpec's impact of a severity from 0 to 4: an informational finding counts as not applicable. */
const IMPACTS = [0, 0.3, 0.5, 0.7, 0.9] as const;
/** Controls of NIST SP 800-53 that a vulnerability touches, as the MITRE SAF has them: RA-5 and SI-2. */
const VULNERABILITY_CONTROLS = ['SI-2', 'RA-5'];
const STATUSES = { PASSED: 'passed', FAILED: 'failed', WARNING: 'skipped', ERROR: 'error' } as const;

/**
 * Heimdall Data Format (InSpec's JSON), for Heimdall and the MITRE SAF: a control for each plugin or compliance check, with a
 * result for each host and port. A check that a person has to look at is skipped. The hosts' facts stand in `passthrough`.
 * Everything is kept until the end.
 */
export const exportHdf: Exporter<string> = async function* (events) {
  const groups = new FindingGroups();
  const tally = new Tally();
  let version = '';
  for await (const batch of untouched(events)) {
    for (const event of batch) {
      tally.add(event);
      groups.add(event);
      if (event.type === 'finding') version = scannerVersionIn(foundIn(event)) ?? version;
    }
  }
  const { scanName: name, policyName: policy } = tally;
  const profile = {
    name: 'Nessus',
    version,
    title: `Nessus: ${name}`,
    summary: policy === '' ? name : `${name}, policy ${policy}`,
    status: 'loaded',
    supports: [],
    attributes: [],
    groups: [],
    sha256: '',
  };
  const start = { platform: { name: 'Nessus', release: version }, version, statistics: {} };
  yield `${JSON.stringify(start).slice(0, -1)},"profiles":[${JSON.stringify(profile).slice(0, -1)},"controls":[\n`;
  let separator = '';
  for (const group of groups.worstFirst()) {
    yield separator + JSON.stringify(controlOf(group));
    separator = ',\n';
  }
  const hosts = tally.worstHosts().map((host) => ({ name: host.name, ...host.facts }));
  yield `\n]}],"passthrough":${JSON.stringify({ auxiliary_data: [{ name: 'Nessus', data: { hosts } }] })}}\n`;
};

function controlOf(group: FindingGroup): object {
  const { first, key, title, places } = group;
  const check = complianceOf(first);
  const desc = check?.info || textOf(first.description) || textOf(first.synopsis);
  const solution = solutionOf(first);
  return {
    id: key,
    title,
    desc,
    descriptions: [
      { label: 'default', data: desc },
      ...(check && check.policyValue !== '' ? [{ label: 'check', data: check.policyValue }] : []),
      ...(solution === '' ? [] : [{ label: 'fix', data: solution }]),
    ],
    impact: check ? impactOfCheck(group) : IMPACTS[group.severity],
    refs: linksOf(first).map((url) => ({ url })),
    tags: tagsOf(group),
    code: '',
    source_location: {},
    results: places.map(resultOf),
  };
}

/** By the category of a STIG, or else 0.5: a check that passed has severity 0 and is not without impact. */
function impactOfCheck({ first, severity }: FindingGroup): number {
  const category = complianceOf(first)?.references.find(
    ({ standard }) => standard.toUpperCase() === 'CAT',
  )?.id;
  const ofCategory = { I: 0.7, II: 0.5, III: 0.3 }[category ?? ''];
  return ofCategory ?? (severity === 0 ? 0.5 : IMPACTS[severity]);
}

function tagsOf({ first, severity, cves }: FindingGroup): object {
  const references = complianceOf(first)?.references ?? [];
  const idsOf = (standard: RegExp): string[] =>
    references.filter((reference) => standard.test(reference.standard)).map(({ id }) => id);
  const [vuln, rule, stig] = [/^vuln-id$/i, /^rule-id$/i, /^stig-id$/i].map((standard) => idsOf(standard)[0]);
  const nist = idsOf(/800-53/);
  return {
    nist: references.length === 0 ? VULNERABILITY_CONTROLS : nist,
    cci: idsOf(/^cci$/i),
    ...(vuln === undefined ? {} : { gid: vuln }),
    ...(rule === undefined ? {} : { rid: rule }),
    ...(stig === undefined ? {} : { stig_id: stig }),
    references: references.map(({ standard, id }) => `${standard}|${id}`.replace(/^\|/, '')),
    severity:
      severity === 4
        ? 'critical'
        : severity === 3
          ? 'high'
          : severity === 2
            ? 'medium'
            : severity === 1
              ? 'low'
              : 'none',
    plugin_id: first.plugin_id,
    plugin_family: first.plugin_family,
    cve: [...cves],
    cweid: cwesOf(first),
    ...Object.fromEntries(
      [
        'cvss_score',
        'cvss3_vector',
        'cvss_vector',
        'vpr_score',
        'epss_score',
        'cisa-known-exploited',
        'cpe',
      ].flatMap((field) => (first[field] === undefined ? [] : [[field, first[field]]])),
    ),
  };
}

function resultOf({ host, port, protocol, result, output, time }: Place): object {
  const status = result === undefined ? 'failed' : STATUSES[result];
  return {
    status,
    code_desc: `${host}:${port}/${protocol}`,
    start_time: time || '1970-01-01T00:00:00.000Z',
    run_time: 0,
    ...(status === 'skipped'
      ? { skip_message: output || 'To be reviewed by a person' }
      : { message: output }),
  };
}
