import type { Finding } from '@nmcp/schema';
import type { JSX } from 'hono/jsx/jsx-runtime';
import { findingPath } from './finding_path.ts';
import { cut } from './layout.tsx';
import { Chip } from './severities.tsx';
import { type Column, Table } from './table.tsx';

/** A finding in a table. */
export interface FindingRow {
  host: string;
  plugin_id: string;
  plugin_name: string;
  port: string;
  protocol: string;
  severity: number;
  score: string;
  exploit: 'exploited' | 'known' | undefined;
}

/** A finding as a row. */
export function rowOf(finding: Finding): FindingRow {
  const text = (name: string): string => String([finding[name] ?? ''].flat()[0] ?? '');
  return {
    host: text('host'),
    plugin_id: text('plugin_id'),
    plugin_name: text('plugin_name'),
    port: text('port'),
    protocol: text('protocol'),
    severity: Number(text('severity')),
    score: text('cvss_score'),
    exploit:
      finding['cisa-known-exploited'] === undefined
        ? finding.exploit_available === true
          ? 'known'
          : undefined
        : 'exploited',
  };
}

const HEAD: readonly Column[] = [
  { word: 'Severity', kind: 'fixed' },
  { word: 'Finding' },
  { word: 'Host', kind: 'fixed' },
  { word: 'Port', kind: 'fixed' },
  { word: 'CVSS', kind: 'number' },
  { word: 'Exploit', kind: 'fixed' },
];

/** Findings, each with a link to its page. */
export function FindingsTable({
  caption,
  taskId,
  findings,
  empty,
}: {
  caption: string;
  taskId: string;
  findings: readonly FindingRow[];
  empty: string;
}): JSX.Element {
  return (
    <Table
      dense
      caption={caption}
      head={HEAD}
      empty={empty}
      rows={findings.map((finding) => [
        <Chip level={finding.severity} />,
        <a href={findingPath(taskId, finding)}>{cut(finding.plugin_name, 160)}</a>,
        <HostName host={finding.host} />,
        portOf(finding),
        finding.score || '–',
        finding.exploit === 'exploited' ? (
          <span class="mark">Exploited</span>
        ) : finding.exploit === 'known' ? (
          'known'
        ) : (
          '–'
        ),
      ])}
    />
  );
}

/** A host's name or address; a long name is cut, and is whole in its title. */
export function HostName({ host }: { host: string }): JSX.Element {
  const isAddress = /^[\d.]+$|^[\da-f:.]+$/i.test(host);
  return (
    <span class={isAddress ? undefined : 'host'} title={cut(host, 300)}>
      {cut(host, LONGEST_HOST)}
    </span>
  );
}

/** Characters of the longest IPv6 address. */
const LONGEST_HOST = 39;

/** Such as `443/tcp`; nothing for what is about the host as a whole. */
export function portOf({ port, protocol }: { port: string | number; protocol: string }): string {
  return String(port) === '0' ? '–' : `${port}/${cut(protocol, 10)}`;
}
