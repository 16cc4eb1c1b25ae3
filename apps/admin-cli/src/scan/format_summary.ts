import type { ScanSummary } from '@nmcp/scans';
import { oneLine, table } from '../output.ts';

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
const SEVERITY_WORDS = ['info', 'low', 'medium', 'high', 'critical'];
/** Rows of each table. */
const SHOWN = 5;

/** A completed scan on a terminal: counts, worst hosts, worst plugins, whether the credentials worked. */
export function formatSummary(summary: ScanSummary): string {
  const { hosts, findings, severity_breakdown, exploitable, top_hosts, top_plugins, authentication } =
    summary;
  const counts = SEVERITIES.map((severity) => `${severity_breakdown[severity]} ${severity}`).join(', ');
  return [
    `${findings} findings on ${hosts} hosts: ${counts}.`,
    `${exploitable.findings} have a known exploit, on ${exploitable.hosts} hosts.`,
    ...(authentication.status === 'not_applicable'
      ? []
      : [
          `Credentials worked on ${authentication.success} hosts, partly on ${authentication.partial}, failed on ${authentication.failed}.`,
        ]),
    '',
    table(
      ['worst hosts', 'critical', 'high', 'medium', 'low'],
      top_hosts
        .slice(0, SHOWN)
        .map(({ host, critical, high, medium, low }) => [
          oneLine(host),
          ...[critical, high, medium, low].map(String),
        ]),
      'No host has findings.',
    ),
    '',
    table(
      ['severity', 'hosts', 'worst findings'],
      top_plugins
        .slice(0, SHOWN)
        .map(({ value, name, max_severity, hosts: on }) => [
          SEVERITY_WORDS[max_severity] ?? String(max_severity),
          String(on),
          oneLine(name ?? value),
        ]),
      'No findings of severity low or above.',
    ),
  ].join('\n');
}
