import type { ComparedFinding, ScanComparison } from '@nmcp/results';
import type { TableReport } from '@nmcp/schema';
import { severityName } from '@nmcp/schema';

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
/** Why the later scan could not have seen a finding. */
const REASONS = {
  login: 'the login was worse',
  port: 'the port was not looked at',
  plugin: 'the plugin was not run',
};

/** What became of findings, for people: counts, each change, hosts of one scan alone. */
export function comparisonReport(comparison: ScanComparison): TableReport {
  const { earlier, later, fixed, persisting, changed_severity, not_looked, hosts, notes } = comparison;
  const changes = [
    ...rowsOf('new', comparison.new.worst),
    ...rowsOf('changed', changed_severity.worst),
    ...rowsOf('not looked at', not_looked.worst),
    ...rowsOf('fixed', fixed.worst),
  ];
  const counts: [string, { total: number; by_severity?: Record<(typeof SEVERITIES)[number], number> }][] = [
    ['New', comparison.new],
    ['Fixed', fixed],
    ['Persisting', persisting],
    ['Of them with another severity', changed_severity],
    ['Not looked at by the later scan', not_looked],
    [
      'On hosts that the later scan did not reach',
      { total: hosts.gone.findings, by_severity: hosts.gone.by_severity },
    ],
    [
      'On hosts that only the later scan reached',
      { total: hosts.added.findings, by_severity: hosts.added.by_severity },
    ],
  ];
  return {
    title: `${earlier.scan_name} and ${later.scan_name}`,
    sentences: [
      `Earlier: ${earlier.scan_name}${earlier.scan_end === undefined ? '' : `, ${earlier.scan_end}`}. Later: ${later.scan_name}${later.scan_end === undefined ? '' : `, ${later.scan_end}`}.`,
      `Hosts in both: ${hosts.both}; only in the earlier: ${hosts.only_earlier}; only in the later: ${hosts.only_later}.`,
      ...notes.map((note) => `${note}.`),
      ...(comparison.new_but_not_looked_before > 0
        ? [
            `${comparison.new_but_not_looked_before} of the new findings could not have been seen by the earlier scan.`,
          ]
        : []),
    ],
    tables: [
      {
        name: 'Changes',
        titles: [
          'Change',
          'Severity',
          'Before',
          'Host',
          'Port',
          'Protocol',
          'Plugin',
          'Name',
          'Check',
          'Why',
        ],
        rows: changes,
      },
      {
        name: 'Counts',
        titles: [
          'What',
          'Findings',
          ...SEVERITIES.map((severity) => severity[0]?.toUpperCase() + severity.slice(1)),
        ],
        rows: counts.map(([name, { total, by_severity }]) => [
          name,
          total,
          ...SEVERITIES.map((severity) => by_severity?.[severity] ?? ''),
        ]),
      },
      {
        name: 'Hosts of one scan alone',
        titles: ['Which', 'Number', 'Hosts'],
        rows: [
          ['gone', hosts.gone.total, hosts.gone.hosts],
          ['added', hosts.added.total, hosts.added.hosts],
        ].filter(([, total]) => total !== 0),
      },
    ],
  };
}

function rowsOf(change: string, findings: readonly ComparedFinding[]): (string | number)[][] {
  return findings.map((finding) => [
    ...[change, finding.severity_name],
    finding.earlier_severity === undefined ? '' : (severityName(finding.earlier_severity) ?? ''),
    ...[
      finding.host,
      finding.port,
      finding.protocol,
      finding.plugin_id,
      finding.plugin_name,
      finding.check ?? '',
    ],
    finding.reason === undefined ? '' : REASONS[finding.reason],
  ]);
}
